import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Build, ImageVersion, Node } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Promotion } from '#shared/pipeline';
import { openKeeper, ROLL_BACK_AFTER, type KeeperFixture } from './keeper.test-support.ts';
import { promote } from './pointer.ts';

const JOB = 'runs-on: linux, steps: [{ run: make }]';
const PIPELINE = `jobs: { one: { ${JOB} }, two: { ${JOB} } }`;
const TOGETHER: Promotion = { how: 'when-all', clouds: ['local', 'other'] };

let fixture: KeeperFixture;

beforeEach(async () => {
  fixture = await openKeeper();
});

afterEach(() => fixture[Symbol.asyncDispose]());

/** A job of a new build has been captured. */
async function captured(
  promotion: Promotion = { how: 'auto' },
): Promise<{ build: Build; made: ImageVersion }> {
  const build = await fixture.submit(PIPELINE);
  const made = await fixture.snapshot(build, 'one', { promote: promotion });
  await fixture.settle();
  return { build, made };
}

async function verified({ build, made }: { build: Build; made: ImageVersion }): Promise<ImageVersion> {
  await fixture.finish(build, `one (verify ${made.stream})`, { result: 'success', reason: null });
  await fixture.settle();
  return fixture.version(made);
}

async function end(build: Build, key: string, result: 'success' | 'failure' = 'success'): Promise<void> {
  await fixture.finish(build, `${key} (verify base)`, { result, reason: null });
  await fixture.settle();
}

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

/** The second version of the stream is current, and so many of its nodes have failed since. */
async function promoted(failures: number): Promise<{ first: ImageVersion; second: ImageVersion }> {
  const first = await verified(await captured());
  const second = await verified(await captured());
  fixture.clock.pass(1000);
  for (let made = 0; made < failures; made++) await failed(second);
  return { first, second };
}

describe('a promotion', () => {
  test('happens by itself when the version was verified, and remembers what was current', async () => {
    const first = await verified(await captured());
    const second = await verified(await captured());
    expect(await fixture.stream()).toMatchObject({ current: second.id, previous: first.id, generation: 2 });
    expect(second).toMatchObject({ number: 2, reason: null });
  });

  test('never takes back what a newer build has made, however late the older one is', async () => {
    const older = await captured();
    const newer = await verified(await captured());
    const late = await verified(older);
    expect(late).toMatchObject({
      state: 'ready',
      reason: 'a newer version is current already in cloud local',
    });
    expect(await fixture.stream()).toMatchObject({ current: newer.id, generation: 1 });
  });

  test('is left to people where the pipeline says so', async () => {
    const made = await verified(await captured({ how: 'manual' }));
    expect(made).toMatchObject({ state: 'ready', reason: null });
    expect(await fixture.stream()).toMatchObject({ current: null, generation: 0 });
  });

  test('of several clouds happens in all of them at once', async () => {
    const build = await fixture.submit(PIPELINE);
    const here = await fixture.snapshot(build, 'one', { promote: TOGETHER });
    const there = await fixture.snapshot(build, 'two', { promote: TOGETHER, cloud: 'other' });
    await fixture.settle();
    await end(build, 'one');
    expect(await fixture.version(here)).toMatchObject({
      state: 'ready',
      reason: 'it is promoted together with a version in other',
    });
    expect(await fixture.stream()).toMatchObject({ current: null });
    const known = fixture.changes.length;
    await end(build, 'two');
    expect(await fixture.stream()).toMatchObject({ current: here.id });
    expect(await fixture.stream({ cloud: 'other' })).toMatchObject({ current: there.id });
    const commits = fixture.changes.slice(known).filter(({ data }) => data.state === 'promoted');
    expect(commits).toHaveLength(2);
    expect(await fixture.version(here)).toMatchObject({ reason: null });
  });

  test.each(['capture', 'verification'] as const)(
    'of several clouds never happens where the %s failed in one of them',
    async (what) => {
      const build = await fixture.submit(PIPELINE);
      const here = await fixture.snapshot(build, 'one', { promote: TOGETHER });
      await fixture.settle();
      await end(build, 'one');
      if (what === 'capture')
        fixture.before = () => Promise.reject(new FootmanError('cloud-refused', 'no room'));
      await fixture.snapshot(build, 'two', { promote: TOGETHER, cloud: 'other' });
      await fixture.settle();
      if (what === 'verification') await end(build, 'two', 'failure');
      expect(await fixture.version(here)).toMatchObject({
        state: 'ready',
        reason: 'it is promoted together with one in other, where base-1.other failed',
      });
      expect(await fixture.stream()).toMatchObject({ current: null });
      expect(await fixture.stream({ cloud: 'other' })).toMatchObject({ current: null });
    },
  );

  test('of several clouds does not mix builds', async () => {
    const one = await fixture.submit(PIPELINE);
    const two = await fixture.submit(PIPELINE);
    await fixture.snapshot(one, 'one', { promote: TOGETHER });
    await fixture.snapshot(two, 'two', { promote: TOGETHER, cloud: 'other' });
    await fixture.settle();
    await end(one, 'one');
    await end(two, 'two');
    expect(await fixture.stream()).toMatchObject({ current: null });
    expect(await fixture.stream({ cloud: 'other' })).toMatchObject({ current: null });
  });

  test('of several clouds leaves all where one of them has a newer version already', async () => {
    const build = await fixture.submit(PIPELINE);
    await fixture.snapshot(build, 'one', { promote: TOGETHER });
    await fixture.snapshot(build, 'two', { promote: TOGETHER, cloud: 'other' });
    await fixture.settle();
    const newer = await verified(await captured());
    await end(build, 'one');
    await end(build, 'two');
    expect(await fixture.stream()).toMatchObject({ current: newer.id });
    expect(await fixture.stream({ cloud: 'other' })).toMatchObject({ current: null });
  });

  test('is none for what a build from a fork has made', async () => {
    const made = await fixture.put({ state: 'candidate', verify: null, trust: 'fork' });
    await fixture.settle();
    const reason = 'it was made by a build from a fork';
    expect(await fixture.version(made)).toMatchObject({ state: 'ready', reason });
    expect(await fixture.stream()).toMatchObject({ current: null });
  });
});

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
    const only = await verified(await captured());
    for (let made = 0; made < ROLL_BACK_AFTER; made++) await failed(only);
    await fixture.settle();
    await fixture.settle();
    expect(await fixture.stream()).toMatchObject({ current: only.id, generation: 1 });
    expect(await fixture.version(only)).toMatchObject({ bad: 0 });
    expect(warned).toHaveBeenCalledTimes(1);
  });

  test('is dropped where it is a prepared image, so that the next job makes another one', async () => {
    const made = await fixture.put({ state: 'candidate', stream: 'prepared/abc', verify: null });
    await fixture.settle();
    const id = { name: 'prepared/abc' };
    expect(await fixture.stream(id)).toMatchObject({ current: made.id });
    for (let count = 0; count < ROLL_BACK_AFTER; count++) await failed(made);
    await fixture.settle();
    expect(await fixture.stream(id)).toMatchObject({ current: null, previous: null });
    expect(await fixture.version(made)).toMatchObject({ bad: 1 });
  });
});
