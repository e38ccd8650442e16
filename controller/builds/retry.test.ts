import { describe, expect, test } from 'vitest';
import { jobsOfBuild, stepsOfJob, type Build } from '#controller/store';
import { cancelBuild, createBuildKeeper, finishJob, moveStep } from './index.ts';
import { openBuilds, type BuildsFixture } from './test-support.ts';

const never = new AbortController().signal;

function pipeline(retry: string): string {
  return `jobs: { test: { retry: ${retry}, runs-on: linux, steps: [{ run: "true" }] }, next: { needs: test, runs-on: linux, steps: [{ run: "true" }] } }`;
}

async function attempts({ store }: BuildsFixture, build: Build): Promise<unknown[]> {
  const jobs = (await jobsOfBuild(store.db, build.id)).filter(({ key }) => key === 'test');
  return jobs.map(({ attempt, result, state, superseded }) => [attempt, result ?? state, superseded === 1]);
}

describe('a retry', () => {
  test('gives a failed job another attempt, and only the last one counts', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline('2'));
    await builds.finish(build, 'test', 'failure');
    expect(await attempts(builds, build)).toEqual([
      [1, 'failure', true],
      [2, 'queued', false],
    ]);
    await builds.finish(build, 'test', 'success');
    expect((await builds.states(build))['next']).toBe('queued');
    await builds.finish(build, 'next', 'success');
    expect(await builds.build(build)).toMatchObject({ result: 'success', reason: null });
  });

  test('ends after so many', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline('1'));
    await builds.finish(build, 'test', 'failure');
    await builds.finish(build, 'test', 'timed-out');
    expect(await attempts(builds, build)).toEqual([
      [1, 'failure', true],
      [2, 'timed-out', false],
    ]);
    expect(await builds.build(build)).toMatchObject({ state: 'finished', result: 'timed-out' });
  });

  test("an attempt that infrastructure failed is none of the job's own", async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline('1'));
    for (const result of ['errored', 'failure'] as const) await builds.finish(build, 'test', result);
    expect((await attempts(builds, build)).at(-1)).toEqual([3, 'queued', false]);
    await builds.finish(build, 'test', 'errored');
    expect((await attempts(builds, build)).at(-1)).toEqual([3, 'errored', false]);
  });

  test('happens only for what it is for', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline('{ max: 3, on: errored }'));
    await builds.finish(build, 'test', 'failure');
    expect(await attempts(builds, build)).toEqual([[1, 'failure', false]]);
  });

  test('may be for some exit codes alone', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline('{ max: 3, on: [75] }'));
    await endWithExit(builds, build, 75);
    expect((await attempts(builds, build)).at(-1)).toEqual([2, 'queued', false]);
    await endWithExit(builds, build, 1);
    expect((await attempts(builds, build)).at(-1)).toEqual([2, 'failure', false]);
  });

  test('waits its time, also over a restart', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline('{ max: 1, delay: 30s }'));
    await builds.finish(build, 'test', 'failure');
    expect((await attempts(builds, build)).at(-1)).toEqual([2, 'blocked', false]);
    const keeper = createBuildKeeper(builds);
    expect(await keeper.run(never)).toBe(builds.clock.time + 30_000);
    builds.clock.time += 30_000;
    await keeper.run(never);
    expect((await attempts(builds, build)).at(-1)).toEqual([2, 'queued', false]);
  });

  test('never comes back after a cancel', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline('{ max: 5, delay: 30s }'));
    await builds.finish(build, 'test', 'failure');
    await cancelBuild(builds.journal, build.id, { reason: 'enough', force: false });
    expect(await builds.build(build)).toMatchObject({ state: 'finished', result: 'cancelled' });
    builds.clock.time += 60_000;
    await createBuildKeeper(builds).run(never);
    expect(await attempts(builds, build)).toHaveLength(2);
  });

  test("has no time left when its build's is up", async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(`timeout: 1h\n${pipeline('5')}`);
    await builds.start(build, 'test');
    builds.clock.time += 3_600_000;
    await createBuildKeeper(builds).run(never);
    const { id } = await builds.job(build, 'test');
    await builds.commit((tx) =>
      finishJob(tx, id, { result: 'timed-out', reason: 'the build took too long' }),
    );
    expect(await attempts(builds, build)).toEqual([[1, 'timed-out', false]]);
    expect(await builds.build(build)).toMatchObject({ state: 'finished', result: 'timed-out' });
  });

  test('of one cell leaves the others alone: fail-fast is for the last failure', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(
      'jobs: { test: { matrix: { n: [1, 2] }, retry: 1, runs-on: linux, steps: [{ run: "true" }] } }',
    );
    await builds.finish(build, 'test (1)', 'failure');
    expect(await builds.states(build)).toEqual({ 'test (1)': 'queued', 'test (2)': 'queued' });
    await builds.finish(build, 'test (1)', 'failure');
    expect(await builds.states(build)).toEqual({ 'test (1)': 'failure', 'test (2)': 'cancelled' });
  });
});

async function endWithExit(builds: BuildsFixture, build: Build, exit: number): Promise<void> {
  await builds.start(build, 'test');
  const job = await builds.job(build, 'test');
  const [step] = await stepsOfJob(builds.store.db, job.id);
  await builds.commit(async (tx) => {
    await moveStep(tx, job, step?.id ?? '', ['pending'], 'running');
    await moveStep(tx, job, step?.id ?? '', ['running'], 'finished', { result: 'failure', exit_code: exit });
    await finishJob(tx, job.id, { result: 'failure', reason: null });
  });
}
