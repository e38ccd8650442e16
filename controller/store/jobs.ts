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

export function findJobByKey(db: Db, buildId: string, key: string): Promise<Job | undefined> {
  return db
    .selectFrom('jobs')
    .selectAll()
    .where('build_id', '=', buildId)
    .where('key', '=', key)
    .executeTakeFirst();
}

/** In the order of the pipeline. */
export function jobsOfBuild(db: Db, buildId: string): Promise<Job[]> {
  return db.selectFrom('jobs').selectAll().where('build_id', '=', buildId).orderBy('position').execute();
}

/** Who has waited longest comes first; jobs of one moment come in the order of their builds, then of the pipeline. */
export function queuedJobs(db: Db, limit: number): Promise<Job[]> {
  return db
    .selectFrom('jobs')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .selectAll('jobs')
    .where('jobs.state', '=', sql.lit('queued'))
    .orderBy('jobs.queued_at')
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
