import type { Tx } from '#controller/events';
import {
  findJob,
  patchJob,
  type Build,
  type Job,
  type JobOutline,
  type NewJob,
  type Verification,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Contexts, Status } from '#shared/expressions';
import { conditionsHold, expandMatrix, readsMatrix, resolveJob, type Condition } from '#shared/pipeline';
import { groupName } from './admission.ts';
import { closeJob } from './close-job.ts';
import { jobContexts } from './contexts.ts';
import { expandJob } from './expand.ts';
import { hasPlace, supersedeJobs } from './job-group.ts';
import { moveJob } from './job-life-cycle.ts';
import { rankOf } from './rank.ts';
import { statusFor } from './status.ts';
import { hasUnverified, needsWithVerifications } from './verifications.ts';

export type Unblocked = {
  /** Other builds, of which jobs were asked to make room. */
  disturbed?: readonly string[];
} & (
  | { kind: 'waits' }
  /** It was queued, or has ended. */
  | { kind: 'moved'; job: Job }
  /** It has become the cells of its matrix. */
  | { kind: 'expanded' }
);

const WAITS: Unblocked = { kind: 'waits' };

/** Takes one step with a blocked job, if there is one to take: it becomes its cells, is skipped, or is queued. */
export async function unblock(
  tx: Tx,
  build: Build,
  { id, needs: named, not_before: notBefore }: JobOutline,
  jobs: readonly JobOutline[],
  verifications: readonly Verification[],
): Promise<Unblocked> {
  const needs = needsWithVerifications(named, jobs, verifications);
  if (hasUnverified(named, jobs, verifications)) return WAITS;
  if (jobs.some(({ base, state }) => state !== 'finished' && needs.includes(base))) return WAITS;
  if (notBefore !== null && notBefore > tx.at) return WAITS;
  const job = await findJob(tx.db, id);
  if (job?.state !== 'blocked' || isMatrixFull(job, jobs)) return WAITS;
  // What was decided once, for an earlier attempt too, stays so.
  if (job.resolved !== null) return enqueue(tx, job);
  try {
    return await decide(tx, build, job, { needs, jobs });
  } catch (error) {
    if (!(error instanceof FootmanError) || error.code !== 'expression-failed') throw error;
    return ended(await closeJob(tx, id, { result: 'failure', reason: error.message }));
  }
}

/** The jobs of the build, and ids of those that have to end before a job. */
interface Before {
  needs: readonly string[];
  jobs: readonly JobOutline[];
}

/** Whether the job runs at all, as what, and with which values. */
async function decide(tx: Tx, build: Build, job: Job, before: Before): Promise<Unblocked> {
  const contexts = await jobContexts(tx.db, build, job);
  const status = statusFor(before.needs, build, before.jobs);
  const { matrix, conditions } = job.spec;
  const isUnexpanded = matrix !== undefined && job.matrix === null;
  // A matrix may be made from outputs that a skipped job never had: what can be decided without it comes first.
  const early = isUnexpanded ? conditions.filter((condition) => !readsMatrix(condition)) : conditions;
  if (!mayRun(early, conditions, contexts, status)) {
    const reason = skipReason(job, status, before);
    return ended(await closeJob(tx, job.id, { result: 'skipped', reason }));
  }
  if (!isUnexpanded) return enqueueResolved(tx, build, job, contexts);
  const cells = expandMatrix(matrix, contexts);
  if (cells.length === 0)
    return ended(await closeJob(tx, job.id, { result: 'skipped', reason: 'its matrix has no cells' }));
  await expandJob(tx, job, cells);
  return { kind: 'expanded' };
}

function mayRun(early: Condition[], all: Condition[], contexts: Contexts, status: Status): boolean {
  // Without any condition a job runs on success; with one that must wait for the matrix, that one decides.
  return (early.length === 0 && all.length > 0) || conditionsHold(early, contexts, status);
}

function skipReason(job: Job, status: Status, { needs, jobs }: Before): string {
  const broken = jobs.find(({ base, result }) => needs.includes(base) && result !== 'success');
  if (status !== 'success' && broken !== undefined)
    return `it needs ${broken.key}, which ended ${broken.result}`;
  return `its condition does not hold: ${job.spec.conditions.map(({ text }) => text.trim()).join(' and ')}`;
}

async function enqueueResolved(tx: Tx, build: Build, job: Job, contexts: Contexts): Promise<Unblocked> {
  const { name, runsOn, env, timeoutMs, continueOnError, concurrency } = resolveJob(job.spec, contexts);
  const set = {
    // A cell of a job without a name of its own is called by its values.
    name: name === job.base ? job.key : name,
    runs_on: runsOn,
    resolved: { env },
    timeout_ms: timeoutMs,
    continue_on_error: continueOnError ? 1 : 0,
  };
  if (concurrency === null) return enqueue(tx, job, set);
  const group = groupName(build, concurrency.group);
  const grouped = await patchJob(tx.db, job.id, ['blocked'], {
    ...set,
    concurrency_group: group,
    concurrency_limit: concurrency.limit,
  });
  if (grouped === undefined) return WAITS;
  const disturbed = concurrency.cancelInProgress ? await supersedeJobs(tx, build, group) : [];
  return { ...(await enqueue(tx, grouped)), disturbed };
}

async function enqueue(tx: Tx, job: Job, set: Partial<NewJob> = {}): Promise<Unblocked> {
  if (isUnprepared(job)) return wantImage(tx, job, set);
  if (!(await hasPlace(tx, job))) return WAITS;
  const queued = { ...set, queued_at: tx.at, rank: rankOf(tx.at, job.priority), not_before: null };
  return ended(await moveJob(tx, job.id, ['blocked'], 'queued', queued));
}

/** Whether it is still to be decided which image the job starts from. */
function isUnprepared({ spec, preparation }: Job): boolean {
  return spec.prepare !== undefined && preparation?.state !== 'prepared' && preparation?.state !== 'uncached';
}

/** The job stays where it is until the preparer has decided; see `#controller/preparations`. */
async function wantImage(tx: Tx, job: Job, set: Partial<NewJob>): Promise<Unblocked> {
  if (job.preparing !== 0) return WAITS;
  const preparation = { state: 'wanted' as const, reason: null, streams: [] };
  const wanting = await patchJob(tx.db, job.id, ['blocked'], { ...set, preparation, preparing: 1 });
  if (wanting === undefined) return WAITS;
  const { id, key, build_id: buildId } = wanting;
  const data = { id, state: 'blocked', key, result: null, reason: null, preparing: true };
  await tx.record({ kind: 'job', buildId, jobId: id, data });
  return WAITS;
}

function ended(job: Job | undefined): Unblocked {
  return job === undefined ? WAITS : { kind: 'moved', job };
}

/** Whether as many cells run as may at a time. */
function isMatrixFull({ base, spec: { matrix } }: Job, jobs: readonly JobOutline[]): boolean {
  if (matrix?.maxParallel === undefined) return false;
  const underWay = jobs.filter(
    (job) => job.base === base && job.state !== 'blocked' && job.state !== 'finished',
  );
  return underWay.length >= matrix.maxParallel;
}
