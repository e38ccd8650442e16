import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { artifactPrefixOf } from '#controller/artifacts';
import { createLogger } from '#controller/logger';
import { insertCache, swapState } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { DAY_MS, never, openRetention, type RetentionFixture } from '../retention/test-support.ts';
import { createOrphanSweep, type OrphanSweep } from './index.ts';

const SHA256 = '0'.repeat(64);
let fixture: RetentionFixture;
let sweep: OrphanSweep;

beforeEach(async () => {
  fixture = await openRetention();
  sweep = sweepOf(fixture);
});

afterEach(() => fixture[Symbol.asyncDispose]());

test('what no row has goes after its grace, and nothing else', async () => {
  const build = await fixture.build({
    source: { blob: `sources/${SHA256}`, bytes: 1, sha256: SHA256, commit: 'c', ref: null },
  });
  const { job } = await fixture.job(build);
  const own = await fixture.artifact(job, { a: '1', b: '2' });
  const collecting = await fixture.artifact(job, { a: '1' }, { position: 1, state: 'collecting' });
  await put(`sources/${SHA256}`, 'caches/kept', 'theirs/a-file');
  await insertCache(fixture.store.db, {
    id: 'c1',
    scope: 's',
    version: 'v',
    key: 'k',
    blob: 'caches/kept',
    bytes: 1,
    sha256: SHA256,
    created_at: 1,
    used_at: 1,
  });
  const before = await fixture.keys();
  const orphans = [
    `${artifactPrefixOf(own)}left-by-an-earlier-try`,
    'artifacts/nobody/a',
    'caches/nobody',
    `logs/${build.id}/${job}/nobody.log.zst`,
    'probe/left',
    `sources/${'1'.repeat(64)}`,
  ];
  await put(...orphans);
  await pass();
  fixture.clock.pass(DAY_MS - 1);
  await pass();
  expect(await fixture.keys()).toEqual(expect.arrayContaining(orphans));
  fixture.clock.pass(DAY_MS);
  await pass();
  expect(await fixture.keys()).toEqual([...before, 'footman.json'].toSorted());
  expect(sweep.removed()).toBe(orphans.length);
  expect(sweep.stock()?.get('artifacts')?.objects).toBe(9);
  expect(before.filter((key) => key.includes(collecting))).toHaveLength(3);
});

test('what has a row by then stays', async () => {
  const { job } = await fixture.job(await fixture.build());
  const id = await fixture.artifact(job, { a: '1' }, { state: 'failed' });
  const mine = () => fixture.keys().then((keys) => keys.filter((key) => key.includes(id)));
  await pass();
  expect(await mine()).toHaveLength(3);
  await swapState(fixture.store.db, 'artifacts', id, ['failed'], 'complete', {}, 1);
  fixture.clock.pass(2 * DAY_MS);
  await pass();
  expect(await mine()).toHaveLength(3);
});

test('what was seen with a row in between begins its grace anew', async () => {
  const { job } = await fixture.job(await fixture.build());
  const id = await fixture.artifact(job, { a: '1' }, { state: 'failed' });
  const turns = [
    ['failed', 'complete'],
    ['complete', 'failed'],
  ] as const;
  for (const [from, to] of turns) {
    await pass();
    await swapState(fixture.store.db, 'artifacts', id, [from], to, {}, 1);
    fixture.clock.pass(DAY_MS);
  }
  await pass();
  expect((await fixture.keys()).filter((key) => key.includes(id))).toHaveLength(3);
});

test('a listing that breaks off shows nothing', async () => {
  let left = Infinity;
  await using own = await openRetention((blobs) => ({
    ...blobs,
    async *list(prefix, signal) {
      for await (const info of blobs.list(prefix, signal)) {
        if (left-- <= 0) throw new FootmanError('storage-unavailable', 'cut off');
        yield info;
      }
    },
  }));
  const ownSweep = sweepOf(own);
  await own.blobs.put('artifacts/nobody/a', Buffer.from('a'), {}, never);
  await own.blobs.put('caches/nobody', Buffer.from('a'), {}, never);
  await ownSweep.run(never);
  own.clock.pass(2 * DAY_MS);
  left = 1;
  await ownSweep.run(never);
  expect(ownSweep.problems()).toEqual(['the storage is not swept: cut off']);
  left = Infinity;
  expect(await own.keys()).toHaveLength(3);
  own.clock.pass(60_000);
  await ownSweep.run(never);
  expect(await own.keys()).toEqual(['footman.json']);
  expect(ownSweep.problems()).toEqual([]);
});

describe('a storage of somebody else', () => {
  test.each([
    ['another controller', '{"controller":"another"}'],
    ['nobody knows whom', 'a file of theirs'],
  ])('is never swept: that of %s', async (_, text) => {
    await fixture.blobs.put('footman.json', Buffer.from(text), {}, never);
    await put('artifacts/nobody/a');
    for (let i = 0; i < 3; i++) {
      // Jobs go on: it is no failure of the loop.
      await sweep.run(never);
      fixture.clock.pass(2 * DAY_MS);
    }
    expect(await fixture.keys()).toEqual(['artifacts/nobody/a', 'footman.json']);
    expect(sweep.problems()).toMatchObject([
      expect.stringMatching(
        /^the storage is not swept: the storage is that of another controller.*remove footman.json/,
      ),
    ]);
  });

  test('belongs to the first controller that asks', async () => {
    await sweep.run(never);
    const late = sweepOf(fixture, 'late');
    await late.run(never);
    expect(late.problems()[0]).toContain('another controller, mine');
    fixture.clock.pass(2 * DAY_MS);
    await sweep.run(never);
  });
});

test('an upload in parts that nobody goes on with is given up, and one that is young is not', async () => {
  await using own = await openRetention();
  const ownSweep = sweepOf(own, 'mine', 0.001);
  const shape = { bytes: 10, partBytes: 5 * 1024 ** 2 };
  const living = await own.blobs.uploads.begin('artifacts/living/a', shape, never);
  await own.blobs.uploads.begin('artifacts/nobody/a', shape, never);
  await own.store.db
    .insertInto('uploads')
    .values({
      artifact_id: 'living',
      path: 'a',
      blob: 'artifacts/living/a',
      upload: living,
      bytes: 10,
      part_bytes: shape.partBytes,
      created_at: 1,
    })
    .execute();
  const open = async () => {
    const keys: string[] = [];
    for await (const { key } of own.blobs.uploads.list('', never)) keys.push(key);
    return keys.toSorted();
  };
  await sweepOf(own).run(never);
  expect(await open()).toEqual(['artifacts/living/a', 'artifacts/nobody/a']);
  own.clock.pass(Date.now());
  await ownSweep.run(never);
  expect(await open()).toEqual(['artifacts/living/a']);
});

function sweepOf(of: RetentionFixture, controllerId = 'mine', graceMs?: number): OrphanSweep {
  const { store, blobs, clock } = of;
  const logger = createLogger('silent');
  return createOrphanSweep({
    store,
    blobs,
    clock,
    logger,
    controllerId,
    intervalMs: 0,
    ...(graceMs === undefined ? {} : { graceMs }),
  });
}

async function pass(): Promise<void> {
  await sweep.run(never);
}

async function put(...keys: string[]): Promise<void> {
  for (const key of keys) await fixture.blobs.put(key, Buffer.from('1'), {}, never);
}
