import { sql } from 'kysely';
import { inChunks } from './chunks.ts';
import type { Db } from './db.ts';
import { insertBuildTerms } from './job-terms.ts';
import { OWNER_COLUMNS, type OwnerColumns } from './owner-columns.ts';
import type { Job, JobState, NewJob, WantedImages } from './schema.ts';
import { goingBuild } from './going-build.ts';
import { patchRow, type Patch } from './swap-state.ts';
import { inTransaction } from './transaction.ts';

/** All or none. */
export function insertJobs(db: Db, jobs: readonly NewJob[]): Promise<void> {
  return inTransaction(db, (db) =>
    inChunks(jobs, async (chunk) => {
      await db.insertInto('jobs').values(chunk).execute();
      await insertBuildTerms(db, chunk);
    }),
  );
}

/** One of a build that is being removed is not found. */
export function findJob(db: Db, id: string): Promise<Job | undefined> {
  return db
    .selectFrom('jobs')
    .selectAll()
    .where('id', '=', id)
    .where(({ not, exists }) => not(exists(goingBuild(db))))
    .executeTakeFirst();
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
  'position',
  'state',
  'result',
  'reason',
  'needs',
  'attempt',
  'not_before',
  'continue_on_error',
  'cancel_requested_at',
] as const;

/** The attempts that count, in the order of the pipeline; without their specs and outputs, which may be large. */
export function outlinesOfBuild(db: Db, buildId: string): Promise<JobOutline[]> {
  return db
    .selectFrom('jobs')
    .select(OUTLINE)
    .where('build_id', '=', buildId)
    .where('superseded', '=', 0)
    .orderBy('position')
    .execute();
}

/** How many jobs a build has, and how long their specs are together, as JSON. */
export async function sizeOfBuild(db: Db, buildId: string): Promise<{ jobs: number; length: number }> {
  const { jobs, length } = await db
    .selectFrom('jobs')
    .select(({ fn }) => [fn.countAll<number>().as('jobs'), sql<number>`sum(length(spec))`.as('length')])
    .where('build_id', '=', buildId)
    .where('superseded', '=', 0)
    .executeTakeFirstOrThrow();
  return { jobs, length };
}

/** What a job sees of a job that it needs. */
export type NeededJob = Pick<Job, 'base' | 'matrix' | 'result' | 'outputs'>;

/** The attempts that count at the jobs of these ids, in the order of the pipeline. */
export async function neededJobs(db: Db, buildId: string, bases: readonly string[]): Promise<NeededJob[]> {
  if (bases.length === 0) return [];
  return db
    .selectFrom('jobs')
    .select(['base', 'matrix', 'result', 'outputs'])
    .where('build_id', '=', buildId)
    .where('superseded', '=', 0)
    .where('base', 'in', bases)
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

/** Jobs of which it is to be decided what image they start from, the oldest first. By the index `jobs_preparing`. */
export function preparingJobs(db: Db): Promise<Job[]> {
  return db
    .selectFrom('jobs')
    .selectAll()
    .where('preparing', '=', sql.lit(1))
    .where('state', '=', 'blocked')
    .orderBy('id')
    .execute();
}

/** What the queue needs to know of a job: no spec, which may be large. */
export interface QueuedJobRow extends OwnerColumns {
  id: string;
  build_id: string;
  runs_on: string;
  images: WantedImages | null;
  priority: number;
  rank: number;
  queued_at: number;
  queue_timeout_ms: number;
}

/** By rank; jobs of one rank come in the order of their builds, then of the pipeline. */
export function queuedJobs(db: Db, limit: number): Promise<QueuedJobRow[]> {
  return (
    db
      .selectFrom('jobs')
      .innerJoin('builds', 'builds.id', 'jobs.build_id')
      .leftJoin('projects', 'projects.id', 'builds.project_id')
      .select([
        'jobs.id',
        'jobs.build_id',
        'jobs.runs_on',
        'jobs.images',
        'jobs.priority',
        'jobs.rank',
        'jobs.queued_at',
        'jobs.queue_timeout_ms',
        ...OWNER_COLUMNS,
      ])
      .where('jobs.state', '=', sql.lit('queued'))
      // Both are written with the state.
      .$narrowType<{ rank: number; queued_at: number }>()
      .orderBy('jobs.rank')
      .orderBy('builds.number')
      .orderBy('jobs.position')
      .limit(limit)
      .execute()
  );
}

/** When a job was queued for the first time. */
export interface Arrival {
  runs_on: string;
  queued_at: number;
}

/**
 * Of jobs that any node may serve whose labels fit, in their order; the newest so many, where there are more. It costs as much as they
 * are, whatever the history.
 */
export async function arrivalsSince(db: Db, since: number, limit: number): Promise<Arrival[]> {
  const newestFirst = await db
    .selectFrom('jobs')
    .select(['runs_on', 'queued_at'])
    .where('queued_at', 'is not', null)
    .where('queued_at', '>=', since)
    .where('attempt', '=', sql.lit(1))
    .where('images', 'is', null)
    .$narrowType<{ queued_at: number }>()
    .orderBy('queued_at', 'desc')
    .limit(limit)
    .execute();
  return newestFirst.toReversed();
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

/** Groups in which a job waits for its place. */
export function waitingJobGroups(db: Db): Promise<{ concurrency_group: string }[]> {
  return db
    .selectFrom('jobs')
    .select('concurrency_group')
    .distinct()
    .where('concurrency_group', 'is not', null)
    .where('state', '<>', sql.lit('finished'))
    .where('state', '=', 'blocked')
    .$narrowType<{ concurrency_group: string }>()
    .execute();
}

/** What the jobs that wait for nodes ask for, by build and place in it. */
export function queuedLabels(db: Db): Promise<QueuedLabels[]> {
  return db
    .selectFrom('jobs')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select(['jobs.id', 'jobs.key', 'jobs.runs_on', 'builds.number'])
    .where('jobs.state', '=', sql.lit('queued'))
    .orderBy('builds.number')
    .orderBy('jobs.position')
    .execute();
}

export interface QueuedLabels {
  id: string;
  key: string;
  runs_on: string;
  /** Of its build. */
  number: number;
}
