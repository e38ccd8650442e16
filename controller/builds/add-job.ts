import type { Tx } from '#controller/events';
import { findJobByKey, outlinesOfBuild, type Build, type Job, type NewJob } from '#controller/store';
import type { Job as JobSpec } from '#shared/pipeline';
import { CELLS_APART, freshRows, insertJobRows } from './job-rows.ts';
import { grantedPriority } from './rank.ts';

/** What the controller says of a job of its own beside its spec, and what it takes from another job. */
export type OwnJob = Partial<
  Pick<
    NewJob,
    | 'purpose'
    | 'images'
    | 'matrix'
    | 'resolved'
    | 'runs_on'
    | 'timeout_ms'
    | 'queue_timeout_ms'
    | 'continue_on_error'
    | 'hold'
  >
>;

/**
 * Puts a job into a build that has not ended, behind all others. Who has added all that there is to add calls `advanceBuild`, or ends
 * another job of the build, in the same transaction.
 */
export async function addJob(tx: Tx, build: Build, spec: JobSpec, own: OwnJob): Promise<Job> {
  const { position = 0 } = (await outlinesOfBuild(tx.db, build.id)).at(-1) ?? {};
  const key = await freeKey(tx, build, spec.id);
  const row = { ...ownRow(tx, build, spec, own), position: position + CELLS_APART, key, base: key };
  await insertJobRows(tx, [row]);
  const data = { id: row.id, state: row.state, key, result: null, reason: null };
  await tx.record({ kind: 'job', buildId: build.id, jobId: row.id, data });
  const job = await findJobByKey(tx.db, build.id, key);
  if (job === undefined) throw new Error(`job ${key} was not added`);
  return job;
}

/** The row of such a job, for a build that begins with it. It says itself how long it may wait. */
export function ownRow(tx: Tx, build: Pick<Build, 'id' | 'trust'>, spec: JobSpec, own: OwnJob): NewJob {
  const { queueTimeoutMs = 0 } = spec;
  const [row] = freshRows(tx, build.id, spec, 0, {}, { queueTimeoutMs });
  if (row === undefined) throw new Error(`job ${spec.id} has no row`);
  return { ...row, ...own, priority: grantedPriority(build, spec.priority) };
}

/** A cell of a matrix may be called like the job already. */
async function freeKey(tx: Tx, { id }: Build, wanted: string): Promise<string> {
  let key = wanted;
  for (let count = 2; (await findJobByKey(tx.db, id, key)) !== undefined; count++)
    key = `${wanted} #${count}`;
  return key;
}
