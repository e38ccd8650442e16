import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancelJob, rerunBuild, whyBlocked } from '#controller/builds';
import { findBuild, jobsOfBuild, type Build } from '#controller/store';
import { HOUR, openKeeper, type KeeperFixture } from './keeper.test-support.ts';
import { LOOK } from './steps.test-support.ts';

const PIPELINE = `
jobs:
  make: { runs-on: linux, env: { COLOUR: blue }, timeout: 7m, steps: [{ run: make }] }
  test: { needs: make, runs-on: linux, steps: [{ run: test }] }
  other: { runs-on: linux, steps: [{ run: other }] }
`;
const VERIFIER = 'make (verify base)';

let fixture: KeeperFixture;
let build: Build;

beforeEach(async () => {
  fixture = await openKeeper();
  build = await fixture.submit(PIPELINE);
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe('a verification', () => {
  test('is a job of the same build on a node of the version, with the values of the job that was captured', async () => {
    const made = await fixture.snapshot(build, 'make', { verify: [LOOK] });
    await fixture.settle();
    const job = await fixture.job(build, VERIFIER);
    expect(await fixture.version(made)).toMatchObject({ state: 'verifying', verify_job_id: job.id });
    expect(job).toMatchObject({
      state: 'queued',
      purpose: 'verify',
      images: { 'local/host': made.id },
      runs_on: 'linux',
      resolved: { env: { COLOUR: 'blue' } },
      timeout_ms: 7 * 60_000,
      needs: [],
      spec: { steps: [LOOK], retry: { max: 1, on: ['errored'] } },
    });
    expect(await fixture.stream()).toMatchObject({ current: null });
    const known = fixture.changes.length;
    await fixture.finish(build, VERIFIER, { result: 'success', reason: null });
    expect(fixture.keeper.concerns(fixture.changes.slice(known))).toBe(true);
    await fixture.finish(build, 'other', { result: 'success', reason: null });
    await fixture.settle();
    expect(await fixture.version(made)).toMatchObject({ state: 'ready', ready_at: fixture.clock.now() });
    expect(await fixture.stream()).toMatchObject({ current: made.id });
    await fixture.finish(build, 'test', { result: 'success', reason: null });
    expect(await findBuild(fixture.store.db, build.id)).toMatchObject({ result: 'success' });
  });

  test('is waited for by what needs the job that was captured, until its image is promoted', async () => {
    await fixture.snapshot(build, 'make');
    await fixture.settle();
    expect(await whyBlocked(fixture.store.db, await fixture.job(build, 'test'))).toBe(
      `it waits for ${VERIFIER}`,
    );
    await fixture.finish(build, VERIFIER, { result: 'success', reason: null });
    expect(await fixture.job(build, 'test')).toMatchObject({ state: 'blocked' });
    await fixture.settle();
    expect(await fixture.job(build, 'test')).toMatchObject({ state: 'queued' });
    expect(await fixture.job(build, 'other')).toMatchObject({ state: 'queued' });
  });

  test('is waited for by its build, which is green when the image is promoted', async () => {
    const alone = await fixture.submit('jobs: { make: { runs-on: linux, steps: [{ run: make }] } }');
    await fixture.snapshot(alone, 'make');
    await fixture.settle();
    await fixture.finish(alone, VERIFIER, { result: 'success', reason: null });
    expect(await findBuild(fixture.store.db, alone.id)).toMatchObject({ finished_at: null });
    await fixture.settle();
    expect(await findBuild(fixture.store.db, alone.id)).toMatchObject({ result: 'success' });
  });

  test('without steps starts a node all the same', async () => {
    await fixture.snapshot(build, 'make', { verify: [] });
    await fixture.settle();
    expect(await fixture.job(build, VERIFIER)).toMatchObject({ spec: { steps: [{ run: 'true' }] } });
  });

  test('that fails leaves what is current, fails its build, and skips what builds on it', async () => {
    const made = await fixture.snapshot(build, 'make');
    await fixture.settle();
    await fixture.finish(build, 'other', { result: 'success', reason: null });
    await fixture.finish(build, VERIFIER, { result: 'failure', reason: 'step look failed' });
    await fixture.settle();
    const reason = `job ${VERIFIER} ended failure: step look failed`;
    expect(await fixture.version(made)).toMatchObject({ state: 'failed', reason });
    expect(await fixture.stream()).toMatchObject({ current: null, generation: 0 });
    expect(await fixture.job(build, 'test')).toMatchObject({
      result: 'skipped',
      reason: `it needs ${VERIFIER}, which ended failure`,
    });
    expect(await findBuild(fixture.store.db, build.id)).toMatchObject({ result: 'failure' });
  });

  test('that infrastructure fails has a second attempt, which counts', async () => {
    const made = await fixture.snapshot(build, 'make');
    await fixture.settle();
    await fixture.finish(build, VERIFIER, { result: 'errored', reason: 'its node was lost' });
    await fixture.settle();
    expect(await fixture.version(made)).toMatchObject({ state: 'verifying' });
    expect(await fixture.job(build, VERIFIER)).toMatchObject({
      attempt: 2,
      state: 'queued',
      purpose: 'verify',
      images: { 'local/host': made.id },
    });
    await fixture.finish(build, VERIFIER, { result: 'success', reason: null });
    await fixture.settle();
    expect(await fixture.version(made)).toMatchObject({ state: 'ready' });
  });

  test('that is cancelled fails the version', async () => {
    const made = await fixture.snapshot(build, 'make');
    await fixture.settle();
    const job = await fixture.job(build, VERIFIER);
    await fixture.journal.commit((tx) => cancelJob(tx, job, { reason: 'by a person', force: false }));
    await fixture.settle();
    const reason = `job ${VERIFIER} ended cancelled: by a person`;
    expect(await fixture.version(made)).toMatchObject({ state: 'failed', reason });
  });

  test('of one version does not keep another waiting that has none', async () => {
    const first = await fixture.snapshot(build, 'make');
    await fixture.settle();
    const other = await fixture.submit(PIPELINE);
    const second = await fixture.snapshot(other, 'make', { verify: null });
    await fixture.settle();
    expect(await fixture.version(first)).toMatchObject({ state: 'verifying' });
    expect(await fixture.version(second)).toMatchObject({ state: 'ready' });
  });

  test('is not repeated by a rerun, which makes the image again where its verification failed', async () => {
    await fixture.snapshot(build, 'make');
    await fixture.settle();
    await fixture.finish(build, 'other', { result: 'success', reason: null });
    await fixture.finish(build, VERIFIER, { result: 'failure', reason: 'step look failed' });
    await fixture.settle();
    for (const which of ['all', 'failed'] as const) {
      const again = await rerunBuild(fixture.journal, build.id, { which }, { queueTimeoutMs: 1 });
      const jobs = await jobsOfBuild(fixture.store.db, again.id);
      const other = which === 'all' ? 'other queued' : 'other finished';
      expect(jobs.map(({ key, state }) => `${key} ${state}`)).toEqual(['make queued', 'test blocked', other]);
    }
  });
});

describe('an imported version', () => {
  test('is verified by a build of its own, and promoted by nobody', async () => {
    const made = await fixture.put({ state: 'candidate', verify: [], promotion: { how: 'manual' } });
    await fixture.settle();
    const { verify_job_id: jobId } = await fixture.version(made);
    const own = await findBuild(fixture.store.db, await buildOf(jobId));
    expect(own).toMatchObject({ pipeline: 'verify base', file: 'base-1.local', state: 'queued' });
    if (own === undefined) throw new Error('there is no build');
    expect(await fixture.job(own, 'verify')).toMatchObject({
      state: 'queued',
      purpose: 'verify',
      runs_on: '"linux box"',
      images: { 'local/host': made.id },
      queue_timeout_ms: 60_000,
    });
    await expect(
      rerunBuild(fixture.journal, own.id, { which: 'all' }, { queueTimeoutMs: 1 }),
    ).rejects.toMatchObject({ code: 'conflict' });
    await fixture.finish(own, 'verify', { result: 'success', reason: null });
    await fixture.settle();
    expect(await fixture.version(made)).toMatchObject({ state: 'ready' });
    expect(await fixture.stream()).toMatchObject({ current: null });
  });

  test('fails where there is no template to try it with', async () => {
    const made = await fixture.put({ state: 'candidate', verify: [], template: 'gone' });
    await fixture.settle();
    const reason = 'template local/gone is not configured';
    expect(await fixture.version(made)).toMatchObject({ state: 'failed', reason });
  });

  test('fails when whoever imported it is gone', async () => {
    const made = await fixture.put({ verify: [] });
    expect(await fixture.settle()).toBe(fixture.clock.now() + HOUR);
    expect(await fixture.version(made)).toMatchObject({ state: 'capturing' });
    fixture.clock.pass(HOUR);
    await fixture.settle();
    expect(await fixture.version(made)).toMatchObject({
      state: 'failed',
      reason: 'its import was cut short',
    });
  });
});

async function buildOf(jobId: string | null): Promise<string> {
  const { build_id: id } = await fixture.store.db
    .selectFrom('jobs')
    .select('build_id')
    .where('id', '=', jobId ?? '')
    .executeTakeFirstOrThrow();
  return id;
}
