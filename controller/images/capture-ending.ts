import { finishJob, moveStep, type Ending } from '#controller/builds';
import type { CapturedImage } from '#controller/clouds';
import type { Tx } from '#controller/events';
import { findJob, lockBuild, stepsOfJob, type ImageVersion, type Job, type Step } from '#controller/store';
import { adviceOf, FootmanError } from '#shared/errors';
import { moveVersion } from './life-cycle.ts';
import { explainOthers, lockStreams } from './promotions.ts';
import { beginVerification } from './verify.ts';

/** What came of a capture. */
export type Outcome = CapturedImage | FootmanError;

interface LogSize {
  bytes: number;
  lines: number;
}

const SUCCESS: Ending = { result: 'success', reason: null };

/**
 * Ends the capture, the step that asked for it and their job, in this one transaction: there is no image without its row, and no green job
 * without its image. Who comes second changes nothing.
 */
export async function endCapture(
  tx: Tx,
  version: ImageVersion,
  outcome: Outcome,
  log: LogSize,
): Promise<void> {
  await lockStreams(tx, version);
  const job = await lockedJob(tx, version);
  if (outcome instanceof FootmanError || job?.state !== 'running' || job.cancel_requested_at !== null) {
    await fail(tx, version, job, outcome, log);
    return;
  }
  const { image, bytes, digest } = outcome;
  const set = { image, bytes, digest, captured_at: tx.at };
  const candidate = await moveVersion(tx, version.id, ['capturing'], 'candidate', set);
  if (candidate === undefined) return;
  const step = await snapshotOf(tx, job);
  if (step !== undefined) await finishStep(tx, job, step, SUCCESS, log);
  await beginVerification(tx, candidate, job);
  await finishJob(tx, job.id, { ...(version.ending ?? SUCCESS), from: ['running'] });
}

/** Whoever ends the job, or asks it to stop, does so before this transaction or after it. */
async function lockedJob(
  tx: Tx,
  { build_id: buildId, job_id: jobId }: ImageVersion,
): Promise<Job | undefined> {
  if (buildId === null || jobId === null) return undefined;
  await lockBuild(tx.db, buildId);
  return findJob(tx.db, jobId);
}

async function fail(
  tx: Tx,
  version: ImageVersion,
  job: Job | undefined,
  outcome: Outcome,
  log: LogSize,
): Promise<void> {
  const ending = endingWithout(job, outcome);
  const set = { reason: ending.reason ?? `its job was ${ending.result}` };
  const failed = await moveVersion(tx, version.id, ['capturing'], 'failed', set);
  if (failed === undefined) return;
  await explainOthers(tx, failed);
  if (job === undefined || job.state === 'finished') return;
  const step = await snapshotOf(tx, job);
  if (step !== undefined) await finishStep(tx, job, step, ending, log);
  await finishJob(tx, job.id, { ...endingOfJob(version, step, ending), from: ['running'] });
}

/** How the snapshot ends that has no image, and why. */
function endingWithout(job: Job | undefined, outcome: Outcome): Ending {
  if (job === undefined) return { result: 'errored', reason: 'its job is unknown' };
  if (job.state === 'finished') {
    const why = job.reason === null ? '' : `: ${job.reason}`;
    return { result: 'errored', reason: `its job ended ${job.result}${why}` };
  }
  if (job.cancel_requested_at !== null) return { result: 'cancelled', reason: job.reason };
  if (!(outcome instanceof FootmanError)) return { result: 'errored', reason: `its job is ${job.state}` };
  const result = outcome.code === 'cloud-refused' ? 'failure' : 'errored';
  return { result, reason: `its node could not be captured: ${adviceOf(outcome)}` };
}

function endingOfJob({ ending }: ImageVersion, step: Step | undefined, of: Ending): Ending {
  if (of.result === 'cancelled') return of;
  if (step?.continue_on_error === 1) return ending ?? SUCCESS;
  return { ...of, reason: step === undefined ? of.reason : `step ${step.name}: ${of.reason}` };
}

async function snapshotOf(tx: Tx, job: Job): Promise<Step | undefined> {
  const steps = await stepsOfJob(tx.db, job.id);
  return steps.find(({ state, spec }) => state === 'running' && spec.kind === 'snapshot');
}

async function finishStep(
  tx: Tx,
  job: Job,
  { id }: Step,
  { result, reason }: Ending,
  log: LogSize,
): Promise<void> {
  const size = { log_bytes: log.bytes, log_lines: log.lines };
  const set = { result, message: reason, ...size, finished_at: tx.at };
  await moveStep(tx, job, id, ['running'], 'finished', set);
}
