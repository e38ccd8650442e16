import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from './db.ts';
import { isTransientConflict } from './database-error.ts';

const MAX_ATTEMPTS = 6;
const FIRST_RETRY_MS = 5;

/**
 * Runs the work in one transaction. On PostgreSQL, the loser of a deadlock or of a serialization conflict is run again, a few times:
 * the work must do nothing but statements, on the `db` that it is given. An error that it throws rolls everything back.
 */
export async function runTransaction<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isTransientConflict(error)) throw error;
    }
    // Random, so that the two that met don't meet again.
    await sleep(FIRST_RETRY_MS * 2 ** attempt * Math.random());
  }
}

/** For statements that belong together: in the caller's transaction, or in one of their own. */
export function inTransaction<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : runTransaction(db, work);
}
