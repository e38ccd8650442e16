import {
  artifactsOfJob,
  holdsOfJobs,
  stepsOfJob,
  type Db,
  type HoldBrief,
  type Job as JobRow,
  type Step as StepRow,
} from '#controller/store';
import type { TestCounts } from '#shared/test-counts';
import { viewArtifact } from '../artifacts/view.ts';
import { countsOfJobs } from '../tests/job-counts.ts';
import type { Job, Step } from './schema.ts';

/** One after another: SQLite has one connection, and a build has few jobs. */
export async function viewJobs(db: Db, jobs: readonly JobRow[]): Promise<Job[]> {
  const views: Job[] = [];
  const ids = jobs.map(({ id }) => id);
  const holds = new Map((await holdsOfJobs(db, ids)).map((hold) => [hold.job_id, hold]));
  const counts = await countsOfJobs(db, jobs);
  for (const job of jobs) views.push(await view(db, job, holds.get(job.id), counts.get(job.id)));
  return views;
}

export async function viewJob(db: Db, job: JobRow): Promise<Job> {
  const [viewed] = await viewJobs(db, [job]);
  if (viewed === undefined) throw new Error('a job has no view');
  return viewed;
}

async function view(
  db: Db,
  job: JobRow,
  hold: HoldBrief | undefined,
  tests: TestCounts | undefined,
): Promise<Job> {
  return {
    id: job.id,
    buildId: job.build_id,
    key: job.key,
    base: job.base,
    matrix: job.matrix,
    name: job.name,
    state: job.state,
    stateSince: job.state_since,
    result: job.result,
    reason: job.reason,
    runsOn: job.runs_on,
    needs: job.needs,
    attempt: job.attempt,
    superseded: job.superseded !== 0,
    notBefore: job.not_before,
    priority: job.priority,
    continueOnError: job.continue_on_error !== 0,
    concurrencyGroup: job.concurrency_group,
    purpose: job.purpose,
    preparation: job.preparation,
    hold: hold === undefined ? viewWish(job) : viewHold(hold),
    reusedFrom: job.reused_from,
    outputs: job.outputs ?? {},
    cancelRequested: job.cancel_requested_at !== null,
    queuedAt: job.queued_at,
    startedAt: job.started_at,
    finishedAt: job.finished_at,
    steps: (await stepsOfJob(db, job.id)).map(viewStep),
    // What tests told is shown as results.
    artifacts: (await artifactsOfJob(db, job.id)).filter(({ role }) => role === 'artifact').map(viewArtifact),
    tests: tests ?? null,
  };
}

function viewHold({ id, state, owner, reason, expires_at: expiresAt }: HoldBrief): Job['hold'] {
  return { id, state, on: null, owner, reason, expiresAt };
}

/** Of a job that has ended without being held, nobody wishes anything any more. */
function viewWish({ state, hold }: JobRow): Job['hold'] {
  if (state === 'finished' || hold === null) return null;
  const { on, owner, reason } = hold;
  return { id: null, state: 'wished', on, owner, reason, expiresAt: null };
}

function viewStep(step: StepRow): Step {
  return {
    id: step.id,
    position: step.position,
    phase: step.phase,
    name: step.name,
    state: step.state,
    result: step.result,
    continueOnError: step.continue_on_error !== 0,
    exitCode: step.exit_code,
    signal: step.signal,
    message: step.message,
    logBytes: step.log_bytes,
    logLines: step.log_lines,
    startedAt: step.started_at,
    finishedAt: step.finished_at,
  };
}
