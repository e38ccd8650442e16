import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Build, ImageVersion } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Promotion } from '#shared/pipeline';
import { openKeeper, type KeeperFixture } from './keeper.test-support.ts';

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
