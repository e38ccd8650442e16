import type { Db } from './db.ts';

/** How many plans that launch nodes were written down. Who plans reads it before anything that the plan depends on. */
export async function planNumber(db: Db): Promise<number> {
  const { last } = await db
    .selectFrom('counters')
    .select('last')
    .where('name', '=', 'plan')
    .executeTakeFirstOrThrow();
  return last;
}

/**
 * Makes the caller's transaction the next one that launches nodes; false when somebody else was, since the caller looked. It is then as if
 * all planned one after the other, each with the nodes of those before: the row is locked until the transaction ends.
 */
export async function takePlanNumber(db: Db, seen: number): Promise<boolean> {
  const row = await db
    .updateTable('counters')
    .set({ last: seen + 1 })
    .where('name', '=', 'plan')
    .where('last', '=', seen)
    .returning('last')
    .executeTakeFirst();
  return row !== undefined;
}
