import { sql, type SelectQueryBuilder } from 'kysely';
import type { Db } from './db.ts';
import type { Database } from './schema.ts';

/** The log of a step of a job that has ended, which is on a controller's disk still. */
export interface UnarchivedLog {
  step: string;
  job: string;
  build: string;
  /** What its step was said to have written. */
  log_bytes: number;
  finished_at: number;
}

/**
 * Logs of jobs that ended no later than `before`, by the ends of their steps; behind the one that is given. Costs as much as there are
 * logs on disks, by the index `steps_unarchived`.
 */
export function unarchivedLogs(
  db: Db,
  { before, limit, after }: { before: number; limit: number; after?: UnarchivedLog | undefined },
): Promise<UnarchivedLog[]> {
  let query = unarchived(db)
    .innerJoin('jobs', 'jobs.id', 'steps.job_id')
    .select([
      'steps.id as step',
      'steps.job_id as job',
      'jobs.build_id as build',
      'steps.log_bytes',
      'steps.finished_at',
    ])
    .$narrowType<{ finished_at: number }>()
    .where('steps.finished_at', '<=', before)
    .where('jobs.state', '=', 'finished')
    .where('jobs.finished_at', '<=', before);
  if (after !== undefined) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('steps.finished_at', 'steps.id'), '>', tuple(after.finished_at, after.step)),
    );
  }
  return query.orderBy('steps.finished_at').orderBy('steps.id').limit(limit).execute();
}

/** When the first of the steps ended whose logs are on disks; null where there is none. */
export async function firstUnarchived(db: Db): Promise<number | null> {
  const first = await unarchived(db)
    .select('steps.finished_at')
    .orderBy('steps.finished_at')
    .limit(1)
    .executeTakeFirst();
  return first?.finished_at ?? null;
}

/** What logs take in the storage, by step: 0 where nothing was written, null while they are on a disk. Steps that aren't there are left out. */
export async function archivedBytes(
  db: Db,
  steps: readonly string[],
): Promise<ReadonlyMap<string, number | null>> {
  if (steps.length === 0) return new Map();
  const rows = await db
    .selectFrom('steps')
    .select(['id', 'archived_bytes'])
    .where('id', 'in', steps)
    .execute();
  return new Map(rows.map(({ id, archived_bytes: bytes }) => [id, bytes]));
}

/** Says where a log is, if it is where `from` says. False where it isn't, or there is no such step any more. */
export async function setArchivedBytes(
  db: Db,
  step: string,
  from: number | null,
  to: number | null,
): Promise<boolean> {
  const query = db.updateTable('steps').set({ archived_bytes: to }).where('id', '=', step);
  const guarded =
    from === null ? query.where('archived_bytes', 'is', null) : query.where('archived_bytes', '=', from);
  return (await guarded.executeTakeFirst()).numUpdatedRows > 0n;
}

/** As the index says it, word for word. */
function unarchived(db: Db): SelectQueryBuilder<Database, 'steps', object> {
  return db
    .selectFrom('steps')
    .where('steps.state', '=', sql.lit('finished'))
    .where('steps.started_at', 'is not', null)
    .where('steps.archived_bytes', 'is', null);
}
