import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Autohold } from '../schema.ts';

export async function insertAutohold(db: Db, autohold: Autohold): Promise<void> {
  await db.insertInto('autoholds').values(autohold).execute();
}

export function findAutohold(db: Db, id: string): Promise<Autohold | undefined> {
  return db.selectFrom('autoholds').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Those that stand, oldest first. */
export function standingAutoholds(db: Db): Promise<Autohold[]> {
  return db.selectFrom('autoholds').selectAll().where('ended_at', 'is', null).orderBy('id').execute();
}

/** Takes one failure off what the rule still holds; the last one ends it. Undefined when nothing was left: others may have been first. */
export function spendAutohold(db: Db, id: string, at: number): Promise<Autohold | undefined> {
  return db
    .updateTable('autoholds')
    .set({
      remaining: sql`remaining - 1`,
      ended_at: sql`case when remaining = 1 then ${sql.lit(at)} else null end`,
    })
    .where('id', '=', id)
    .where('remaining', '>', 0)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** Undefined when it had ended before. */
export function endAutohold(db: Db, id: string, at: number): Promise<Autohold | undefined> {
  return db
    .updateTable('autoholds')
    .set({ ended_at: at })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}
