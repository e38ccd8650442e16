import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifestKeyOf } from '#controller/artifacts';
import { filesOfArtifact, findArtifact, findBuild } from '#controller/store';
import { pinBuild } from './index.ts';
import { DAY_MS, KEEP_ALL, never, openRetention, type RetentionFixture } from './test-support.ts';

let fixture: RetentionFixture;

beforeEach(async () => {
  fixture = await openRetention();
});

afterEach(() => fixture[Symbol.asyncDispose]());

test('an artifact goes when its time is up, and its row says so', async () => {
  const { job } = await fixture.job(await fixture.build());
  const at = fixture.clock.now() + DAY_MS;
  const id = await fixture.artifact(job, { a: '1', b: '2' }, { expires_at: at });
  const stays = await fixture.artifact(job, { a: '1' }, { position: 1, name: 'other' });
  expect(await fixture.pass()).toBeLessThanOrEqual(at);
  expect(await findArtifact(fixture.store.db, id)).toMatchObject({ state: 'complete' });
  fixture.clock.pass(DAY_MS);
  await fixture.pass();
  expect(await findArtifact(fixture.store.db, id)).toMatchObject({
    state: 'expired',
    files: 2,
    stored_bytes: 0,
  });
  expect(await filesOfArtifact(fixture.store.db, id, { limit: 9 })).toEqual([]);
  const keys = await fixture.keys();
  expect(keys.filter((key) => key.includes(id))).toEqual([]);
  expect(keys).toContain(manifestKeyOf(stays));
});

test('those that do not say when go after the time that holds for all', async () => {
  fixture.settings = { ...KEEP_ALL, artifacts: 2 * DAY_MS };
  const { job } = await fixture.job(await fixture.build());
  const id = await fixture.artifact(job, { a: '1' });
  const long = await fixture.artifact(
    job,
    { a: '1' },
    { position: 1, expires_at: fixture.clock.now() + 9 * DAY_MS },
  );
  fixture.clock.pass(DAY_MS);
  await fixture.pass();
  expect(await findArtifact(fixture.store.db, id)).toMatchObject({ state: 'complete' });
  fixture.clock.pass(DAY_MS);
  await fixture.pass();
  expect(await findArtifact(fixture.store.db, id)).toMatchObject({ state: 'expired' });
  expect(await findArtifact(fixture.store.db, long)).toMatchObject({ state: 'complete' });
});

test.each([
  ['a build is pinned', 'pin'],
  ['their build runs', 'runs'],
  ['a rerun that has their results runs', 'rerun'],
  ['nobody has read their reports', 'unread'],
])('artifacts stay while %s', async (_, why) => {
  const build = await fixture.build(why === 'runs' ? { state: 'running', result: null } : {});
  const { job } = await fixture.job(build);
  const id = await fixture.artifact(
    job,
    { a: '1' },
    { expires_at: fixture.clock.now() + 1, ...(why === 'unread' ? { role: 'junit' } : {}) },
  );
  if (why === 'pin') await pinBuild(fixture.journal, build.id, { actor: 'ann', reason: null });
  if (why === 'rerun')
    await fixture.job(await fixture.build({ state: 'running', result: null }), { reused_from: job });
  fixture.clock.pass(DAY_MS);
  await fixture.pass();
  expect(await findArtifact(fixture.store.db, id)).toMatchObject({ state: 'complete' });
});

test('a storage that is down is asked again, and the artifact is not seen meanwhile', async () => {
  let isDown = true;
  await using own = await openRetention((blobs) => ({
    ...blobs,
    remove: (key, signal) => (isDown ? Promise.reject(new Error('down')) : blobs.remove(key, signal)),
  }));
  const { job } = await own.job(await own.build());
  const id = await own.artifact(job, { a: '1' }, { expires_at: own.clock.now() + 1 });
  await expect(own.pass()).rejects.toThrow('down');
  expect(await findArtifact(own.store.db, id)).toMatchObject({ state: 'expiring' });
  isDown = false;
  await own.keeper.run(never);
  expect(await findArtifact(own.store.db, id)).toMatchObject({ state: 'expired' });
});

test("one object that the storage keeps stands in nobody else's way", async () => {
  let stuck = '';
  await using own = await openRetention((blobs) => ({
    ...blobs,
    remove: (key, signal) =>
      key.includes(stuck) ? Promise.reject(new Error('not this one')) : blobs.remove(key, signal),
  }));
  own.settings = { ...KEEP_ALL, builds: { age: null, atLeast: 0, atMost: 1 } };
  const { job } = await own.job(await own.build());
  const dueAt = own.clock.now() + DAY_MS;
  stuck = await own.artifact(job, { a: '1' }, { expires_at: dueAt });
  const next = await own.artifact(job, { a: '1' }, { position: 1, name: 'other', expires_at: dueAt });
  const failed = await own.build({ result: 'failure' });
  await own.build({ result: 'failure' });
  own.clock.pass(DAY_MS);
  await expect(own.pass()).rejects.toThrow('not this one');
  expect(await findArtifact(own.store.db, stuck)).toMatchObject({ state: 'expiring' });
  expect(await findArtifact(own.store.db, next)).toMatchObject({ state: 'expired' });
  expect(await findBuild(own.store.db, failed.id)).toBeUndefined();
});
