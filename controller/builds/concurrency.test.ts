import { describe, expect, test } from 'vitest';
import { cancelBuild, createBuildKeeper, whyBlocked, type Submission } from './index.ts';
import { rankOf } from './rank.ts';
import { openBuilds } from './test-support.ts';

const never = new AbortController().signal;
const JOB = '{ runs-on: linux, steps: [{ run: "true" }] }';

describe('builds of one concurrency group', () => {
  const pipeline = `
on: { manual: { parameters: { branch: { default: main } } } }
concurrency: "ceph-\${{ parameters.branch }}"
jobs: { job: ${JOB} }
`;
  const main = { parameters: { branch: 'main' } };

  test('run one after another, in their order', async () => {
    await using builds = await openBuilds();
    const keeper = createBuildKeeper(builds);
    const first = await builds.submit(pipeline, main);
    const second = await builds.submit(pipeline, main);
    const third = await builds.submit(pipeline, main);
    const other = await builds.submit(pipeline, { parameters: { branch: 'next' } });
    expect(await builds.states(first)).toEqual({ job: 'queued' });
    expect(await builds.states(second)).toEqual({ job: 'blocked' });
    expect(await builds.states(other)).toEqual({ job: 'queued' });
    expect(await whyBlocked(builds.store.db, await builds.job(third, 'job'))).toBe(
      'the build waits for #1, #2 of concurrency group ceph-main',
    );
    await builds.finish(first, 'job', 'success');
    await keeper.run(never);
    expect(await builds.states(second)).toEqual({ job: 'queued' });
    expect(await builds.states(third)).toEqual({ job: 'blocked' });
    await cancelBuild(builds.journal, third.id, { reason: 'enough', force: false });
    expect(await builds.build(third)).toMatchObject({ state: 'finished', result: 'cancelled' });
  });

  test('end when a newer one takes their place, if the pipeline says so', async () => {
    await using builds = await openBuilds();
    const superseding = pipeline.replace(
      /concurrency: (.*)/,
      'concurrency: { group: $1, cancel-in-progress: true }',
    );
    const first = await builds.submit(superseding, main);
    await builds.start(first, 'job');
    const second = await builds.submit(superseding, main);
    const third = await builds.submit(superseding, main);
    expect(await builds.build(second)).toMatchObject({ result: 'cancelled' });
    expect(await builds.job(first, 'job')).toMatchObject({
      state: 'running',
      reason: 'build #2 has taken its place',
    });
    expect(await builds.states(third)).toEqual({ job: 'blocked' });
    await builds.finish(first, 'job', 'cancelled');
    await createBuildKeeper(builds).run(never);
    expect(await builds.states(third)).toEqual({ job: 'queued' });
  });

  test('are asked to stop once: what cleans up after one is not cut short by the next newer one', async () => {
    await using builds = await openBuilds();
    const superseding = `
on: { manual: { parameters: { branch: { default: main } } } }
concurrency: { group: ceph, cancel-in-progress: true }
jobs: { job: ${JOB}, cleanup: { needs: job, if: always(), runs-on: linux, steps: [{ run: "true" }] } }
`;
    const first = await builds.submit(superseding, main);
    await builds.start(first, 'job');
    await builds.submit(superseding, main);
    await builds.finish(first, 'job', 'cancelled');
    await builds.submit(superseding, main);
    expect(await builds.states(first)).toEqual({ job: 'cancelled', cleanup: 'queued' });
  });

  test('run as many at a time as the limit says', async () => {
    await using builds = await openBuilds();
    const two = pipeline.replace(/concurrency: (.*)/, 'concurrency: { group: $1, limit: 2 }');
    const all = [
      await builds.submit(two, main),
      await builds.submit(two, main),
      await builds.submit(two, main),
    ];
    const states = await Promise.all(all.map((build) => builds.states(build)));
    expect(states.map(({ job }) => job)).toEqual(['queued', 'queued', 'blocked']);
  });
});

describe('jobs of one concurrency group', () => {
  const pipeline = `jobs: { build: ${JOB}, deploy: { needs: build, concurrency: production, runs-on: linux, steps: [{ run: "true" }] } }`;

  test('wait for each other over builds, and are freed by any ending', async () => {
    await using builds = await openBuilds();
    const first = await builds.submit(pipeline);
    const second = await builds.submit(pipeline);
    await builds.finish(first, 'build', 'success');
    await builds.finish(second, 'build', 'success');
    expect(await builds.states(second)).toEqual({ build: 'success', deploy: 'blocked' });
    expect(await whyBlocked(builds.store.db, await builds.job(second, 'deploy'))).toBe(
      'it waits for deploy of #1 in concurrency group production',
    );
    await cancelBuild(builds.journal, first.id, { reason: 'enough', force: true });
    await createBuildKeeper(builds).run(never);
    expect(await builds.states(second)).toEqual({ build: 'success', deploy: 'queued' });
  });

  test('a newer one may end the older', async () => {
    await using builds = await openBuilds();
    const superseding = pipeline.replace('production', '{ group: production, cancel-in-progress: true }');
    const first = await builds.submit(superseding);
    const second = await builds.submit(superseding);
    await builds.finish(first, 'build', 'success');
    await builds.finish(second, 'build', 'success');
    expect(await builds.build(first)).toMatchObject({ state: 'finished', result: 'cancelled' });
    expect(await builds.states(second)).toEqual({ build: 'success', deploy: 'queued' });
  });
});

test('priority is worth waiting time: nothing starves', () => {
  const hour = 60 * 60_000;
  expect(rankOf(0, 75)).toBeLessThan(rankOf(0, 50));
  expect(rankOf(2.6 * hour, 75)).toBeGreaterThan(rankOf(0, 50));
  expect(rankOf(10.1 * hour, 100)).toBeGreaterThan(rankOf(0, 0));
});

describe('a build of a fork', () => {
  const greedy = `
concurrency: { group: deploy, cancel-in-progress: true }
priority: 100
jobs:
  job: { runs-on: linux, concurrency: { group: unit, cancel-in-progress: true }, steps: [{ run: "true" }] }
`;

  test('takes no place from trusted builds or other pull requests, whatever its group is called', async () => {
    await using builds = await openBuilds();
    const trusted = await builds.submit(greedy);
    await builds.start(trusted, 'job');
    const neighbour = await builds.submit(greedy, stranger(7));
    const fork = await builds.submit(greedy, stranger(8));
    for (const build of [trusted, neighbour, fork])
      expect((await builds.job(build, 'job')).cancel_requested_at).toBeNull();
    expect(await builds.states(neighbour)).toEqual({ job: 'queued' });
    expect(await builds.states(fork)).toEqual({ job: 'queued' });
    const next = await builds.submit(greedy);
    expect(await builds.states(fork)).toEqual({ job: 'queued' });
    expect(await whyBlocked(builds.store.db, await builds.job(next, 'job'))).toMatch(
      'concurrency group deploy',
    );
  });

  test('is superseded by the next one of its own pull request', async () => {
    await using builds = await openBuilds();
    const first = await builds.submit(greedy, stranger(7));
    await builds.submit(greedy, stranger(7));
    expect(await builds.build(first)).toMatchObject({ result: 'cancelled' });
  });

  test('goes before nobody by asking for it, and may step back', async () => {
    await using builds = await openBuilds();
    const humble = greedy.replace('priority: 100', 'priority: low');
    const trusted = await builds.submit(greedy);
    const fork = await builds.submit(greedy, stranger(7));
    const low = await builds.submit(humble, stranger(8));
    expect((await builds.job(trusted, 'job')).priority).toBe(100);
    expect((await builds.job(fork, 'job')).priority).toBe(50);
    expect((await builds.job(low, 'job')).priority).toBe(25);
  });
});

/** From the pull request of that number. */
function stranger(number: number): Partial<Submission> {
  return {
    trust: 'fork',
    trigger: {
      event: 'pull-request',
      pullRequest: { number, title: 'x', author: 'eve', branch: 'x', base: 'main', fork: true },
    },
  };
}
