import type { Db } from './db.ts';
import type { Leak } from './schema.ts';

/** Notes a resource that leaked; false when it is noted already, and not yet gone. */
export async function insertLeak(db: Db, leak: Omit<Leak, 'removed_at'>): Promise<boolean> {
  const row = await db
    .insertInto('leaks')
    .values({ ...leak, removed_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Those of the cloud that may still be there. */
export function openLeaks(db: Db, cloud: string): Promise<Leak[]> {
  return db
    .selectFrom('leaks')
    .selectAll()
    .where('cloud', '=', cloud)
    .where('removed_at', 'is', null)
    .orderBy('id')
    .execute();
}

/** The cloud has confirmed that it is gone. Undefined when that was known. */
export function closeLeak(db: Db, id: string, at: number): Promise<Leak | undefined> {
  return db
    .updateTable('leaks')
    .set({ removed_at: at })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** For people: the newest first. Ids sort by the time of their making. */
export function recentLeaks(db: Db, limit: number): Promise<Leak[]> {
  return db.selectFrom('leaks').selectAll().orderBy('id', 'desc').limit(limit).execute();
}
