import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { advanceBuild } from '#controller/builds';
import { patchJob, type Build, type ImageVersion, type Job, type Node } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { openKeeper, ROLL_BACK_AFTER, type KeeperFixture } from './keeper.test-support.ts';
import { promote } from './pointer.ts';
import { AGAIN_MS } from './roll-back.ts';

let fixture: KeeperFixture;

beforeEach(async () => {
  fixture = await openKeeper();
});

afterEach(() => fixture[Symbol.asyncDispose]());

function failed({ id }: ImageVersion, set: Partial<Node> = {}): Promise<Node> {
  const reason = 'its agent did not dial in';
  return fixture.node({
    version_id: id,
    state: 'deleted',
    failure: 'connect',
    reason,
    ready_at: null,
    ...set,
  });
}

async function ready(set: Partial<ImageVersion> = {}): Promise<ImageVersion> {
  const made = await fixture.put({ state: 'candidate', verify: null, ...set });
  await fixture.settle();
  return fixture.version(made);
}

/** The second version of the stream is current, and so many of its nodes have failed since. */
async function promoted(
  failures: number,
  set: Partial<Node> = {},
): Promise<{ first: ImageVersion; second: ImageVersion }> {
  const first = await ready();
  const second = await ready();
  fixture.clock.pass(1000);
  for (let made = 0; made < failures; made++) await failed(second, set);
  return { first, second };
}

describe('a version whose nodes do not come up', () => {
  test('gives way to the one before, and is never current again', async () => {
    const warned = vi.spyOn(fixture.logger, 'warn');
    const { first, second } = await promoted(ROLL_BACK_AFTER);
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: first.id, previous: null, generation: 3 });
    const reason = '3 nodes in a row did not come up: its agent did not dial in';
    expect(await fixture.version(second)).toMatchObject({ bad: 1, reason });
    expect(warned.mock.calls).toMatchObject([[{ version: second.id, reason }, expect.any(String)]]);
    await expect(fixture.journal.commit((tx) => promote(tx, second.id))).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('is looked at when one of them fails', async () => {
    await promoted(0);
    const change = { kind: 'node' as const, data: { id: 'n', state: 'failed' } };
    expect(fixture.keeper.concerns([change])).toBe(true);
    expect(fixture.keeper.concerns([{ ...change, data: { id: 'n', state: 'ready' } }])).toBe(false);
  });

  test.each<[string, Partial<Node>]>([
    ['was ready', { state: 'leased', failure: null }],
    ['was ready and is gone', { ready_at: 1_001_000, failure: 'vanished' }],
  ])('stays where one of them %s', async (_title, set) => {
    const { second } = await promoted(ROLL_BACK_AFTER);
    await fixture.node({ version_id: second.id, ...set });
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: second.id, generation: 2 });
  });

  test.each<[string, Partial<Node>]>([
    ['are under way', { state: 'connecting', failure: null }],
    ['the cloud had no room for', { failure: 'aborted' }],
    ['failed before it was promoted', { created_at: 1 }],
  ])('is not judged by those that %s', async (_title, set) => {
    const { first, second } = await promoted(ROLL_BACK_AFTER - 1);
    await failed(second, set);
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: second.id, generation: 2 });
    await failed(second);
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: first.id });
  });

  test('stays where there is no other one, which is said once', async () => {
    const warned = vi.spyOn(fixture.logger, 'warn');
    const only = await ready();
    for (let made = 0; made < ROLL_BACK_AFTER; made++) await failed(only);
    await fixture.settle();
    fixture.clock.pass(AGAIN_MS);
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: only.id, generation: 1 });
    expect(await fixture.version(only)).toMatchObject({ bad: 0 });
    expect(warned).toHaveBeenCalledTimes(1);
  });

  test('is dropped where it is a prepared image, so that the next job makes another one', async () => {
    const made = await ready({ stream: 'prepared/abc' });
    const id = { name: 'prepared/abc' };
    expect(await fixture.stream(id)).toMatchObject({ current: made.id });
    for (let count = 0; count < ROLL_BACK_AFTER; count++) await failed(made);
    await fixture.settle();
    expect(await fixture.stream(id)).toMatchObject({ current: null, previous: null });
    expect(await fixture.version(made)).toMatchObject({ bad: 1 });
  });
});

describe('a version whose cloud may be at fault', () => {
  test('stays while the cloud does not answer, and gives way when it does', async () => {
    const warned = vi.spyOn(fixture.logger, 'warn');
    const { first, second } = await promoted(ROLL_BACK_AFTER, { failure: 'launch' });
    const { find } = fixture;
    fixture.find = () => Promise.reject(new FootmanError('cloud-unavailable', 'the engine is down'));
    await fixture.settle();
    fixture.clock.pass(AGAIN_MS);
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: second.id, generation: 2 });
    expect(warned.mock.calls).toMatchObject([
      [{ reason: expect.stringContaining('the engine is down') }, expect.any(String)],
    ]);
    fixture.find = find;
    fixture.clock.pass(AGAIN_MS);
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: first.id });
  });

  test('keeps no other stream waiting while it is looked at', async () => {
    const { second } = await promoted(ROLL_BACK_AFTER);
    const answer = Promise.withResolvers<null>();
    fixture.find = () => answer.promise;
    await fixture.keeper.run(new AbortController().signal);
    const other = await fixture.put({ state: 'candidate', verify: null, stream: 'other' });
    await fixture.keeper.run(new AbortController().signal);
    expect(await fixture.stream({ name: 'other' })).toMatchObject({ current: other.id });
    expect(await fixture.stream()).toMatchObject({ current: second.id });
    answer.resolve(null);
  });

  test('stays where the image before it is not there', async () => {
    const { first, second } = await promoted(ROLL_BACK_AFTER);
    const { find } = fixture;
    fixture.find = async (name) => (name === first.name ? null : find(name));
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: second.id, generation: 2 });
  });

  test('stays while no nodes of other images come up there either', async () => {
    const { first, second } = await promoted(ROLL_BACK_AFTER - 1, { failure: 'launch' });
    await fixture.node({ state: 'deleted', failure: 'launch', ready_at: null });
    await failed(second, { failure: 'launch' });
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: second.id, generation: 2 });
    fixture.clock.pass(AGAIN_MS);
    await fixture.node({ state: 'leased' });
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: second.id, generation: 2 });
    fixture.clock.pass(AGAIN_MS);
    for (let made = 0; made < ROLL_BACK_AFTER; made++) await failed(second);
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: first.id });
  });

  test.each<[string, Partial<Node>]>([
    ['another image came up there', { state: 'leased' }],
    ['another image failed in another cloud', { cloud: 'other', failure: 'launch', ready_at: null }],
    ['the cloud had no room for another image', { failure: 'aborted', ready_at: null }],
  ])('gives way where %s', async (_title, set) => {
    const { first, second } = await promoted(ROLL_BACK_AFTER - 1);
    await fixture.node(set);
    await failed(second);
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: first.id });
  });
});

describe('a job that waits for a node of a bad version', () => {
  const JOB = 'runs-on: linux, steps: [{ run: work }]';

  test('has it decided anew what it starts from, where that is prepared', async () => {
    const { second } = await promoted(ROLL_BACK_AFTER);
    const build = await fixture.submit(`jobs: { one: { prepare: { steps: [{ run: install }] }, ${JOB} } }`);
    await startFrom(build, second);
    expect(await fixture.job(build, 'one')).toMatchObject({ state: 'queued', images: expect.anything() });
    await fixture.settle();
    expect(await fixture.job(build, 'one')).toMatchObject({
      state: 'blocked',
      images: null,
      preparation: { state: 'wanted' },
      preparing: 1,
      attempt: 1,
    });
  });

  test('ends at once, and says why, where there is nothing else for it', async () => {
    const { second } = await promoted(ROLL_BACK_AFTER);
    const build = await fixture.submit(`jobs: { one: { retry: { max: 1, on: [errored] }, ${JOB} } }`);
    await startFrom(build, second);
    await fixture.settle();
    expect(await fixture.job(build, 'one')).toMatchObject({
      attempt: 2,
      result: 'errored',
      reason: `image ${second.name}, which its node was to be made from, is bad: 3 nodes in a row did not come up: its agent did not dial in`,
    });
  });

  test('goes on where it asks for another version', async () => {
    const { first } = await promoted(ROLL_BACK_AFTER);
    const build = await fixture.submit(`jobs: { one: { ${JOB} } }`);
    await startFrom(build, first);
    await fixture.settle();
    expect(await fixture.job(build, 'one')).toMatchObject({ state: 'queued', attempt: 1 });
  });
});

async function startFrom(build: Build, { id: version }: ImageVersion): Promise<void> {
  const { id } = await fixture.job(build, 'one');
  const preparation: Job['preparation'] = { state: 'prepared', reason: null, streams: [] };
  await fixture.journal.commit(async (tx) => {
    await patchJob(tx.db, id, ['blocked', 'queued'], {
      images: { 'local/host': version },
      preparation,
      preparing: 0,
    });
    await advanceBuild(tx, build.id);
  });
}
