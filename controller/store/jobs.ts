import { sql } from 'kysely';
import { inChunks } from './chunks.ts';
import type { Db } from './db.ts';
import type { Job, JobState, NewJob } from './schema.ts';
import { patchRow, type Patch } from './swap-state.ts';
import { inTransaction } from './transaction.ts';

/** All or none. */
export function insertJobs(db: Db, jobs: readonly NewJob[]): Promise<void> {
  return inTransaction(db, (db) => inChunks(jobs, (chunk) => db.insertInto('jobs').values(chunk).execute()));
}

export function findJob(db: Db, id: string): Promise<Job | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Its newest attempt. */
export function findJobByKey(db: Db, buildId: string, key: string): Promise<Job | undefined> {
  return db
    .selectFrom('jobs')
    .selectAll()
    .where('build_id', '=', buildId)
    .where('key', '=', key)
    .orderBy('attempt', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** In the order of the pipeline; of a job, all attempts, the first one first. */
export function jobsOfBuild(db: Db, buildId: string): Promise<Job[]> {
  return db
    .selectFrom('jobs')
    .selectAll()
    .where('build_id', '=', buildId)
    .orderBy('position')
    .orderBy('attempt')
    .execute();
}

/** What the jobs of a build need to know of each other. */
export type JobOutline = Pick<Job, (typeof OUTLINE)[number]>;

const OUTLINE = [
  'id',
  'key',
  'base',
  'matrix',
  'position',
  'state',
  'result',
  'reason',
  'needs',
  'outputs',
  'attempt',
  'not_before',
  'continue_on_error',
  'cancel_requested_at',
] as const;

/** The attempts that count, in the order of the pipeline; without their specs, which may be large. */
export function outlinesOfBuild(db: Db, buildId: string): Promise<JobOutline[]> {
  return db
    .selectFrom('jobs')
    .select(OUTLINE)
    .where('build_id', '=', buildId)
    .where('superseded', '=', 0)
    .orderBy('position')
    .execute();
}

/** All attempts at one job, the first one first. */
export function attemptsOfJob(
  db: Db,
  buildId: string,
  key: string,
): Promise<Pick<Job, 'id' | 'attempt' | 'result'>[]> {
  return db
    .selectFrom('jobs')
    .select(['id', 'attempt', 'result'])
    .where('build_id', '=', buildId)
    .where('key', '=', key)
    .orderBy('attempt')
    .execute();
}

/** Retries that wait for their time, the next one first. */
export function delayedJobs(db: Db): Promise<{ build_id: string; not_before: number }[]> {
  return db
    .selectFrom('jobs')
    .select(['build_id', 'not_before'])
    .where('state', '=', sql.lit('blocked'))
    .where('not_before', 'is not', null)
    .$narrowType<{ not_before: number }>()
    .orderBy('not_before')
    .execute();
}

/** By rank; jobs of one rank come in the order of their builds, then of the pipeline. */
export function queuedJobs(db: Db, limit: number): Promise<Job[]> {
  return db
    .selectFrom('jobs')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .selectAll('jobs')
    .where('jobs.state', '=', sql.lit('queued'))
    .orderBy('jobs.rank')
    .orderBy('builds.number')
    .orderBy('jobs.position')
    .limit(limit)
    .execute();
}

/** For loops. Without `finished` among the states it costs as much as there are jobs under way. */
export async function jobsInStates(db: Db, states: readonly JobState[]): Promise<Job[]> {
  if (states.length === 0) return [];
  let query = db.selectFrom('jobs').selectAll().where('state', 'in', states);
  if (!states.includes('finished')) query = query.where('state', '<>', sql.lit('finished'));
  return query.orderBy('state_since').orderBy('id').execute();
}

/** Changes that are no transition, while the job is in one of the states; else undefined. */
export function patchJob(
  db: Db,
  id: string,
  inStates: readonly JobState[],
  patch: Patch<'jobs'>,
): Promise<Job | undefined> {
  return patchRow(db, 'jobs', id, inStates, patch);
}

/** Notes that a later attempt has taken the place of this one, which has ended. */
export async function supersedeJob(db: Db, id: string): Promise<void> {
  await patchRow(db, 'jobs', id, ['finished'], { superseded: 1 });
}

/** Builds with a job that waits for its place in a concurrency group. */
export function buildsWithWaitingJobs(db: Db): Promise<{ build_id: string }[]> {
  return db
    .selectFrom('jobs')
    .select('build_id')
    .distinct()
    .where('concurrency_group', 'is not', null)
    .where('state', '<>', sql.lit('finished'))
    .where('state', '=', 'blocked')
    .execute();
}
