import type { Db } from './db.ts';
import type { NewSchedule, ScheduleRow } from './schema.ts';

/** In the order of files; of a file, the next one first. */
export function schedulesOfProject(db: Db, projectId: string): Promise<ScheduleRow[]> {
  return db
    .selectFrom('schedules')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('file')
    .orderBy('next_at')
    .orderBy('cron')
    .orderBy('timezone')
    .execute();
}

/** Nothing happens where the project has it already. */
export async function insertSchedule(db: Db, schedule: NewSchedule): Promise<void> {
  await db
    .insertInto('schedules')
    .values(schedule)
    .onConflict((conflict) => conflict.columns(['project_id', 'file', 'cron', 'timezone']).doNothing())
    .execute();
}

export async function deleteSchedule(db: Db, id: string): Promise<void> {
  await db.deleteFrom('schedules').where('id', '=', id).execute();
}

/** The one that has been due for longest first. */
export function dueSchedules(db: Db, now: number): Promise<ScheduleRow[]> {
  return db
    .selectFrom('schedules')
    .selectAll()
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .orderBy('id')
    .execute();
}

/** When the next one is due that is not yet; null where there is none. */
export async function nextScheduleAt(db: Db, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('schedules')
    .select((select) => select.fn.min('next_at').as('next_at'))
    .where('next_at', '>', now)
    .executeTakeFirst();
  return row?.next_at ?? null;
}

/** All there are: as many as the pipelines of all projects name. */
export function listSchedules(db: Db): Promise<ScheduleRow[]> {
  return db.selectFrom('schedules').selectAll().orderBy('id').execute();
}

/** Moves the next run as compare-and-swap: of several that saw the same one, one wins. False for the others. */
export async function moveSchedule(
  db: Db,
  { id, next_at: seen }: Pick<ScheduleRow, 'id' | 'next_at'>,
  set: Partial<Pick<ScheduleRow, 'next_at' | 'last_at'>>,
): Promise<boolean> {
  const result = await db
    .updateTable('schedules')
    .set(set)
    .where('id', '=', id)
    .where('next_at', '=', seen)
    .executeTakeFirst();
  return result.numUpdatedRows > 0;
}
