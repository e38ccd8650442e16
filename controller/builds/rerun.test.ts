import { describe, expect, test } from 'vitest';
import { jobsOfBuild, patchJob, stepsOfJob, type HoldWish } from '#controller/store';
import { cancelBuild, rerunBuild } from './index.ts';
import { openBuilds } from './test-support.ts';

const STEPS = 'runs-on: linux, steps: [{ run: "true" }]';
const DEFAULTS = { queueTimeoutMs: 1 };
const PIPELINE = `
on: { manual: { parameters: { suite: { default: smoke } } } }
jobs:
  build: { outputs: { digest: "\${{ steps.b.outputs.digest }}" }, runs-on: linux, steps: [{ id: b, run: "true" }] }
  test: { needs: build, matrix: { n: [1, 2], fail-fast: false }, ${STEPS} }
  report: { needs: test, if: always(), env: { DIGEST: "\${{ toJSON(needs.test) }}" }, ${STEPS} }
  lint: { ${STEPS} }
`;

async function finished(): Promise<{
  builds: Awaited<ReturnType<typeof openBuilds>>;
  build: Awaited<ReturnType<Awaited<ReturnType<typeof openBuilds>>['submit']>>;
}> {
  const builds = await openBuilds();
  const build = await builds.submit(PIPELINE, { parameters: { suite: 'nightly' } });
  await builds.finish(build, 'lint', 'success');
  await builds.finish(build, 'build', 'success', { digest: 'abc' });
  await builds.finish(build, 'test (1)', 'success');
  await builds.finish(build, 'test (2)', 'failure');
  await builds.finish(build, 'report', 'success');
  return { builds, build };
}

describe('a rerun', () => {
  test('of all begins anew with the same inputs', async () => {
    const { builds, build } = await finished();
    await using _ = builds;
    const again = await rerunBuild(builds.journal, build.id, { which: 'all' }, DEFAULTS);
    expect(again).toMatchObject({ number: 2, rerun_of: build.id, parameters: { suite: 'nightly' } });
    expect(await builds.states(again)).toEqual({
      build: 'queued',
      'test (1)': 'blocked',
      'test (2)': 'blocked',
      report: 'blocked',
      lint: 'queued',
    });
    expect(await builds.build(build)).toMatchObject({ state: 'finished', result: 'failure' });
  });

  test('of a build that made an image for others is refused', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(`jobs: { a: { ${STEPS} } }`, { trigger: { event: 'preparation' } });
    await builds.finish(build, 'a', 'success');
    await expect(rerunBuild(builds.journal, build.id, { which: 'all' }, DEFAULTS)).rejects.toMatchObject({
      code: 'conflict',
      message: 'build #1 made an image for other builds',
    });
  });

  test('of a build that started the machine of a hold is refused', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(`jobs: { a: { ${STEPS} } }`, { trigger: { event: 'resume' } });
    await builds.finish(build, 'a', 'success');
    await expect(rerunBuild(builds.journal, build.id, { which: 'all' }, DEFAULTS)).rejects.toMatchObject({
      code: 'conflict',
      message: 'build #1 started the captured machine of a hold',
    });
  });

  test('of what failed takes along what needs it, and keeps the results and outputs of the rest', async () => {
    const { builds, build } = await finished();
    await using _ = builds;
    const again = await rerunBuild(builds.journal, build.id, { which: 'failed' }, DEFAULTS);
    expect(await builds.states(again)).toEqual({
      build: 'success',
      'test (1)': 'success',
      'test (2)': 'queued',
      report: 'blocked',
      lint: 'success',
    });
    const reused = await builds.job(again, 'build');
    expect(reused).toMatchObject({
      outputs: { digest: 'abc' },
      reused_from: (await builds.job(build, 'build')).id,
    });
    expect(await stepsOfJob(builds.store.db, reused.id)).toEqual([]);
    await builds.finish(again, 'test (2)', 'success');
    await builds.finish(again, 'report', 'success');
    expect(await builds.build(again)).toMatchObject({ result: 'success' });
  });

  test('of one job takes along what needs it', async () => {
    const { builds, build } = await finished();
    await using _ = builds;
    const again = await rerunBuild(builds.journal, build.id, { which: 'job', job: 'report' }, DEFAULTS);
    expect(await builds.states(again)).toMatchObject({ 'test (2)': 'failure', report: 'queued' });
    await expect(
      rerunBuild(builds.journal, build.id, { which: 'job', job: 'nope' }, DEFAULTS),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  test('of a build that runs, or of failures that there are none of, is a conflict', async () => {
    const { builds, build } = await finished();
    await using _ = builds;
    const again = await rerunBuild(builds.journal, build.id, { which: 'all' }, DEFAULTS);
    const conflict = { code: 'conflict' };
    await expect(rerunBuild(builds.journal, again.id, { which: 'all' }, DEFAULTS)).rejects.toMatchObject(
      conflict,
    );
    const fine = await builds.submit(`jobs: { job: { ${STEPS} } }`);
    await builds.finish(fine, 'job', 'success');
    await expect(rerunBuild(builds.journal, fine.id, { which: 'failed' }, DEFAULTS)).rejects.toMatchObject(
      conflict,
    );
  });
});

describe('holds and reruns', () => {
  const OLD: HoldWish = {
    on: 'end',
    origin: 'request',
    owner: 'mallory',
    reason: null,
    forMs: null,
    keys: ['@mallory'],
  };
  const NEW: HoldWish = { ...OLD, on: 'failure', origin: 'rerun', owner: 'alice', keys: [] };

  const wish = () => Promise.resolve(NEW);

  /** Somebody wished each job of the first build held. */
  async function finishedAndWished() {
    const scene = await finished();
    const { builds, build } = scene;
    await builds.commit(async (tx) => {
      for (const { id } of await jobsOfBuild(tx.db, build.id))
        await patchJob(tx.db, id, ['finished'], { hold: OLD });
    });
    return scene;
  }

  test.each([
    [{ which: 'all' }],
    [{ which: 'failed' }],
    [{ which: 'job', job: 'test (2)' }],
    [{ which: 'job', job: 'build' }],
  ] as const)('%o inherits no wish, and so nobody’s access', async (which) => {
    const { builds, build } = await finishedAndWished();
    await using _ = builds;
    const again = await rerunBuild(builds.journal, build.id, which, DEFAULTS);
    expect(new Set((await jobsOfBuild(builds.store.db, again.id)).map(({ hold }) => hold))).toEqual(
      new Set([null]),
    );
  });

  test('what is wished of the rerun holds for the jobs that are repeated, and for no other', async () => {
    const { builds, build } = await finishedAndWished();
    await using _ = builds;
    const again = await rerunBuild(builds.journal, build.id, { which: 'failed' }, DEFAULTS, wish);
    const jobs = await jobsOfBuild(builds.store.db, again.id);
    expect(Object.fromEntries(jobs.map(({ key, hold }) => [key, hold]))).toEqual({
      build: null,
      'test (1)': null,
      'test (2)': NEW,
      report: NEW,
      lint: null,
    });
  });

  test('a rerun of that rerun has no wish again', async () => {
    const { builds, build } = await finished();
    await using _ = builds;
    const again = await rerunBuild(builds.journal, build.id, { which: 'failed' }, DEFAULTS, wish);
    await builds.finish(again, 'test (2)', 'failure');
    await builds.finish(again, 'report', 'success');
    const third = await rerunBuild(builds.journal, again.id, { which: 'failed' }, DEFAULTS);
    expect((await builds.job(third, 'test (2)')).hold).toBeNull();
  });
});

describe('cancelling', () => {
  const pipeline = `jobs: { job: { ${STEPS} }, next: { needs: job, ${STEPS} }, cleanup: { needs: job, if: always(), ${STEPS} } }`;

  test('lets what watches the end run; asked again, that ends too', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline);
    await builds.start(build, 'job');
    await cancelBuild(builds.journal, build.id, { reason: 'by a person', force: false });
    expect(await builds.states(build)).toEqual({ job: 'running', next: 'cancelled', cleanup: 'blocked' });
    await builds.finish(build, 'job', 'cancelled');
    expect(await builds.states(build)).toMatchObject({ cleanup: 'queued' });
    await cancelBuild(builds.journal, build.id, { reason: 'by a person', force: false });
    expect(await builds.build(build)).toMatchObject({ state: 'finished', result: 'cancelled' });
  });

  test('by force ends all at once', async () => {
    await using builds = await openBuilds();
    const build = await builds.submit(pipeline);
    await builds.start(build, 'job');
    await cancelBuild(builds.journal, build.id, { reason: 'by a person', force: true });
    expect(await builds.states(build)).toEqual({ job: 'cancelled', next: 'cancelled', cleanup: 'cancelled' });
    expect(await builds.build(build)).toMatchObject({ state: 'finished', result: 'cancelled' });
  });
});
