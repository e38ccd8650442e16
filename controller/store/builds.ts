import { sql } from 'kysely';
import type { Db } from './db.ts';
import { locksRows } from './dialects/adapter.ts';
import type { Build, BuildState, NewBuild, Result } from './schema.ts';
import { patchRow, type Patch } from './swap-state.ts';
import { inTransaction } from './transaction.ts';

/**
 * Gives the build the next number. The counter's row is locked until the transaction ends and goes back with it, so numbers have neither
 * gaps nor duplicates, and none is given twice even when the newest builds are removed.
 */
export function insertBuild(db: Db, build: Omit<NewBuild, 'number'>): Promise<Build> {
  return inTransaction(db, async (db) => {
    const { last } = await db
      .updateTable('counters')
      .set({ last: sql`last + 1` })
      .where('name', '=', 'build')
      .returning('last')
      .executeTakeFirstOrThrow();
    return db
      .insertInto('builds')
      .values({ ...build, source_blob: build.source?.blob ?? null, number: last })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
}

/** One that is being removed is not found. */
export function findBuild(db: Db, id: string): Promise<Build | undefined> {
  return db
    .selectFrom('builds')
    .selectAll()
    .where('id', '=', id)
    .where('deleting_at', 'is', null)
    .executeTakeFirst();
}

/** {@link findBuild} by what people call it. */
export function findBuildByNumber(db: Db, number: number): Promise<Build | undefined> {
  return db
    .selectFrom('builds')
    .selectAll()
    .where('number', '=', number)
    .where('deleting_at', 'is', null)
    .executeTakeFirst();
}

/** Builds of other branches in between that are looked at before a branch counts as new. */
const MOST_EARLIER_BUILDS = 200;

export interface BuildFilter {
  limit: number;
  /** Only builds with a smaller number: the last one of the page before. */
  before?: number | undefined;
  state?: BuildState | undefined;
  pipeline?: string | undefined;
}

/** Newest first. */
export function listBuilds(db: Db, { limit, before, state, pipeline }: BuildFilter): Promise<Build[]> {
  let query = db
    .selectFrom('builds')
    .selectAll()
    .where('deleting_at', 'is', null)
    .orderBy('number', 'desc')
    .limit(limit);
  if (before !== undefined) query = query.where('number', '<', before);
  if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline);
  if (state !== undefined) query = query.where('state', '=', state);
  // Said once more as the partial index has it: SQLite would not conclude it, and walk through all finished builds.
  if (state !== undefined && state !== 'finished') query = query.where('state', '<>', sql.lit('finished'));
  return query.execute();
}

/** Oldest first. What a loop looks at: as many rows as there are builds under way. */
export function unfinishedBuilds(db: Db): Promise<Build[]> {
  return db
    .selectFrom('builds')
    .selectAll()
    .where('state', '<>', sql.lit('finished'))
    .orderBy('number')
    .execute();
}

/**
 * Waits until no other transaction changes the build or its jobs, and keeps them out until this one ends: what is read afterwards stays so.
 * For all who change a job and for all who decide something from several, before anything else. On SQLite every transaction is alone.
 */
export async function lockBuild(db: Db, id: string): Promise<void> {
  if (!locksRows(db)) return;
  await db.selectFrom('builds').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}

/** {@link lockBuild} for the build of the job. */
export async function lockBuildOfJob(db: Db, jobId: string): Promise<void> {
  if (!locksRows(db)) return;
  const ofJob = db.selectFrom('jobs').select('build_id').where('id', '=', jobId);
  await db.selectFrom('builds').select('id').where('id', '=', ofJob).forNoKeyUpdate().execute();
}

export interface TimedBuild {
  id: string;
  created_at: number;
  timeout_ms: number;
}

/** Builds under way that have a time limit of their own, oldest first; without their definitions, which may be large. */
export function timedBuilds(db: Db): Promise<TimedBuild[]> {
  return db
    .selectFrom('builds')
    .select(['id', 'created_at', 'timeout_ms'])
    .where('state', '<>', sql.lit('finished'))
    .where('timeout_ms', 'is not', null)
    .$narrowType<{ timeout_ms: number }>()
    .orderBy('number')
    .execute();
}

/** Changes that are no transition, while the build has not ended; else undefined. */
export function patchBuild(db: Db, id: string, patch: Patch<'builds'>): Promise<Build | undefined> {
  return patchRow(db, 'builds', id, ['queued', 'running'], patch);
}

/** Notes that somebody asked an unfinished build to stop; the first time counts. */
export async function markCancelled(db: Db, id: string, at: number): Promise<void> {
  const build = await findBuild(db, id);
  if (build?.cancel_requested_at !== null) return;
  await patchBuild(db, id, { cancel_requested_at: at });
}

/** How the job of that key ended in the newest earlier build of the same pipeline, project and branch; undefined if it never ran there. */
export async function previousResult(
  db: Db,
  { number, pipeline, project_id: project, trigger: { branch } }: Build,
  jobKey: string,
): Promise<Result | undefined> {
  let query = db
    .selectFrom('builds')
    .innerJoin('jobs', 'jobs.build_id', 'builds.id')
    .select(['jobs.result', 'builds.trigger', 'builds.project_id'])
    .where('builds.pipeline', '=', pipeline)
    .where('builds.number', '<', number)
    .where('builds.state', '=', 'finished')
    .where('jobs.key', '=', jobKey)
    .where('jobs.superseded', '=', 0)
    .where('jobs.result', 'is not', null)
    .where('jobs.reused_from', 'is', null)
    .orderBy('builds.number', 'desc')
    .limit(MOST_EARLIER_BUILDS);
  query =
    project === null
      ? query.where('builds.project_id', 'is', null)
      : query.where('builds.project_id', '=', project);
  const rows = await query.execute();
  // What makes an image is a build for others, whatever it is called.
  const own = rows.filter(({ trigger }) => trigger.event !== 'preparation');
  return own.find((row) => row.trigger.branch === branch)?.result ?? undefined;
}

/** Name of the project that the build belongs to; null without one. */
export async function projectNameOf(
  db: Db,
  { project_id: id }: Pick<Build, 'project_id'>,
): Promise<string | null> {
  if (id === null) return null;
  const row = await db.selectFrom('projects').select('name').where('id', '=', id).executeTakeFirst();
  return row?.name ?? null;
}
