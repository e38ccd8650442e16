import { afterEach, describe, expect, test } from 'vitest';
import { createLogger } from '#controller/logger';
import { stepsOfJob } from '#controller/store';
import type { LeaseRun } from '../lease-run.ts';
import { createStandIn, leaseJob, LIMITS, type LeasedJob, type StandIn } from '../test-support.ts';
import { createLateUploads, type LateUploads } from './late-uploads.ts';
import {
  beginLife,
  endStep,
  fileOf,
  keeperOf,
  logOf,
  nodeState,
  onlyArtifact,
  PIPELINE,
  putFile,
  until,
} from './test-support.ts';

const never = new AbortController().signal;

let leased: LeasedJob;
let agent: StandIn;
let run: LeaseRun;
let closing: AbortController;
let late: LateUploads | undefined;

afterEach(async () => {
  closing.abort(new Error('the test is over'));
  await run.done.catch(() => undefined);
  await late?.settled();
  late = undefined;
  await leased[Symbol.asyncDispose]();
});

/** The job's only step has ended well, and its artifact is asked for. */
async function start(): Promise<string> {
  leased = await leaseJob(PIPELINE);
  const life = beginLife(leased);
  ({ agent, run, closing } = life);
  await endStep(life);
  return (await agent.received('artifact.collect')).artifact;
}

describe('a storage in trouble', () => {
  const trouble = { problem: 'the storage answers 503', again: true };

  test('does not keep the job: its node keeps the files, and they are stored later', async () => {
    const artifact = await start();
    run.message({ type: 'artifact.finished', artifact, files: 0, ...trouble });
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'success' });
    const until = leased.deps.clock.now() + LIMITS.uploadsMs;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'waiting',
      reason: trouble.problem,
      waits_until: until,
    });
    expect(await nodeState(leased)).toBe('uploading');
    expect(agent.sent.filter(({ type }) => type === 'lease.end' || type === 'artifact.ack')).toEqual([]);

    await keeperOf(leased).run(never);
    expect(await nodeState(leased)).toBe('uploading');
    const again = driveLate();
    // The agent is to look for its controller for as long as its files may wait.
    expect(await again.received('artifact.collect')).toMatchObject({ graceMs: LIMITS.uploadsMs });
    late?.message(leased.nodeId, again, { type: 'artifact.files', artifact, files: [fileOf('out/a', 'a')] });
    await again.received('artifact.put');
    await putFile(leased, artifact, 'out/a', 'a');
    late?.message(leased.nodeId, again, { type: 'artifact.finished', artifact, files: 1 });
    await again.received('artifact.ack');
    expect(await onlyArtifact(leased)).toMatchObject({ state: 'complete', reason: null, waits_until: null });
    await keeperOf(leased).run(never);
    expect(await nodeState(leased)).toBe('deleting');
  });

  test('is asked again after a pause, until the time is up: then the artifact says why', async () => {
    const artifact = await start();
    run.message({ type: 'artifact.finished', artifact, files: 0, ...trouble });
    await run.done;
    const again = driveLate();
    await again.received('artifact.collect');
    late?.message(leased.nodeId, again, {
      type: 'artifact.finished',
      artifact,
      files: 0,
      ...trouble,
      problem: 'still 503',
    });
    await until(async () => (await onlyArtifact(leased)).reason === 'still 503');
    const asked = (): number => again.sent.filter(({ type }) => type === 'artifact.collect').length;
    expect(asked()).toBe(1);
    leased.deps.clock.pass(5_000);
    await until(async () => asked() === 2);
    expect(await keeperOf(leased).run(never)).toBe(1_000_000 + LIMITS.uploadsMs);
    leased.deps.clock.pass(LIMITS.uploadsMs);
    await keeperOf(leased).run(never);
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'failed',
      reason: 'it could not be stored in time: still 503',
    });
    expect(await nodeState(leased)).toBe('deleting');
  });

  test('shows in what waits as soon as its agent tells of it', async () => {
    const artifact = await start();
    run.message({ type: 'artifact.finished', artifact, files: 0, ...trouble });
    await run.done;
    const again = driveLate();
    await again.received('artifact.collect');
    const progress = {
      files: 0,
      bytes: 0,
      totalFiles: 1,
      totalBytes: 1,
      trouble: 'the storage\n\u202eis full',
    };
    late?.message(leased.nodeId, again, { type: 'artifact.progress', artifact, ...progress });
    await until(async () => (await onlyArtifact(leased)).reason === 'the storage is full');
    expect(await onlyArtifact(leased)).toMatchObject({ state: 'waiting' });
  });

  test('that passes no more when the node has gone is told as such', async () => {
    const artifact = await start();
    run.message({ type: 'artifact.finished', artifact, files: 0, ...trouble });
    await run.done;
    const { db } = leased.store;
    await db.updateTable('nodes').set({ state: 'deleting', reason: 'its agent was lost' }).execute();
    await keeperOf(leased).run(never);
    const reason = 'its node went before it was stored: its agent was lost';
    expect(await onlyArtifact(leased)).toMatchObject({ state: 'failed', reason });
  });
});

describe('time that is up', () => {
  test('while bytes move makes the artifact wait, and the job end', async () => {
    const artifact = await start();
    const progress = { files: 0, totalFiles: 1, totalBytes: 1000 };
    run.message({ type: 'artifact.progress', artifact, ...progress, bytes: 1 });
    leased.deps.clock.pass(LIMITS.artifactsMs - 30_000);
    run.message({ type: 'artifact.progress', artifact, ...progress, bytes: 500 });
    leased.deps.clock.pass(30_000);
    await run.done;
    expect(await leased.now()).toMatchObject({ result: 'success' });
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'waiting',
      reason: 'the time for artifacts was up',
    });
    const step = (await stepsOfJob(leased.store.db, leased.job.id)).at(-1);
    expect(await logOf(leased, step?.id ?? '')).toContain('out: 0 of 1 file, 500 B of 1000 B (50 %)\n');
  });

  test('while a storage is in trouble tells of both', async () => {
    const artifact = await start();
    const progress = {
      files: 0,
      bytes: 0,
      totalFiles: 1,
      totalBytes: 1,
      trouble: 'the storage answered 503',
    };
    leased.deps.clock.pass(LIMITS.artifactsMs - 30_000);
    run.message({ type: 'artifact.progress', artifact, ...progress });
    leased.deps.clock.pass(30_000);
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'waiting',
      reason: 'the time for artifacts was up, since the storage answered 503',
    });
  });

  test('while an agent says nothing fails it', async () => {
    await start();
    leased.deps.clock.pass(LIMITS.artifactsMs);
    await run.done;
    expect(await onlyArtifact(leased)).toMatchObject({
      state: 'failed',
      reason: 'the time for artifacts was up',
    });
    expect(await nodeState(leased)).toBe('deleting');
  });
});

function driveLate(): StandIn {
  const connection = createStandIn();
  late = createLateUploads({
    ...leased.deps,
    logger: createLogger('silent'),
    agentOf: () => ({ connection, welcomed: true }),
    signal: closing.signal,
  });
  late.drive(leased.nodeId);
  return connection;
}
