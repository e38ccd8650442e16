import type { Tx } from '#controller/events';
import {
  attemptsOfJob,
  findBuild,
  newId,
  stepsOfJob,
  supersedeJob,
  type Build,
  type Job,
  type NewJob,
  type Result,
} from '#controller/store';
import type { Retry } from '#shared/pipeline';
import { buildDeadline } from './build-deadline.ts';
import { insertJobRows } from './job-rows.ts';

/**
 * Makes the next attempt at a job that has ended, where its `retry` says so. What infrastructure failed is counted apart from the job's own
 * failures, so that neither uses up the attempts of the other; both have `max`.
 */
export async function retryJob(tx: Tx, job: Job): Promise<boolean> {
  const { retry } = job.spec;
  if (retry === undefined || job.cancel_requested_at !== null) return false;
  if (!(await isReason(tx, job, retry))) return false;
  const attempts = await attemptsOfJob(tx.db, job.build_id, job.key);
  const failures = attempts.filter(({ result }) => isErrored(result) === isErrored(job.result)).length;
  if (failures > retry.max) return false;
  const build = await findBuild(tx.db, job.build_id);
  if (build === undefined || build.cancel_requested_at !== null || isOver(build, tx.at)) return false;
  await supersedeJob(tx.db, job.id);
  const next = nextAttempt(tx, job, retry);
  await insertJobRows(tx, [next]);
  const data = {
    id: job.id,
    state: job.state,
    key: job.key,
    result: job.result,
    reason: job.reason,
    superseded: true,
  };
  await tx.record({ kind: 'job', buildId: job.build_id, jobId: job.id, data });
  const fresh = { id: next.id, state: next.state, key: next.key, result: null, reason: null };
  const delayed = next.not_before === null ? {} : { notBefore: next.not_before };
  await tx.record({ kind: 'job', buildId: job.build_id, jobId: next.id, data: { ...fresh, ...delayed } });
  return true;
}

function isOver(build: Build, at: number): boolean {
  const deadline = buildDeadline(build);
  return deadline !== null && at >= deadline;
}

async function isReason(tx: Tx, job: Job, { on }: Retry): Promise<boolean> {
  const { result } = job;
  if (result === 'errored' || result === 'timed-out') return on.includes(result);
  if (result !== 'failure') return false;
  if (on.includes('failure')) return true;
  const culprit = (await stepsOfJob(tx.db, job.id)).find(
    (step) => step.result === 'failure' && step.continue_on_error === 0,
  );
  const exit = culprit?.exit_code ?? null;
  return exit !== null && on.includes(exit);
}

function isErrored(result: Result | null): boolean {
  return result === 'errored';
}

/** An attempt looks for its prepared image anew: the last one may have failed because of it. */
function unprepared({ spec }: Job): Partial<NewJob> {
  return spec.prepare === undefined ? {} : { images: null, preparation: null, preparing: 0 };
}

function nextAttempt(tx: Tx, job: Job, { delayMs }: Retry): NewJob {
  return {
    ...job,
    id: newId(),
    attempt: job.attempt + 1,
    state: 'blocked',
    state_since: tx.at,
    result: null,
    reason: null,
    outputs: null,
    ...unprepared(job),
    // Who asked for its node asked for this attempt's; what its steps ask for they ask again.
    hold: job.hold?.origin === 'rerun' || job.hold?.origin === 'resume' ? job.hold : null,
    not_before: delayMs === 0 ? null : tx.at + delayMs,
    rank: null,
    queued_at: null,
    started_at: null,
    finished_at: null,
  };
}
