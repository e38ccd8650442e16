import type { DialectAdapter } from 'kysely';
import type { Db } from '../db.ts';

interface Adapter extends DialectAdapter {
  /** Whether transactions run side by side, so that one may have to lock a row against the others. */
  readonly locksRows: boolean;
}

/**
 * What Kysely wants to know of both databases. Our SQLite driver shares its one connection by a fair queue of its own, where Kysely's would
 * wake all that wait and let the luckiest in; so it claims several connections. Migrations take their own locks.
 */
const COMMON = {
  supportsCreateIfNotExists: true,
  supportsMultipleConnections: true,
  supportsReturning: true,
  supportsTransactionalDdl: true,
  acquireMigrationLock: () => Promise.resolve(),
  releaseMigrationLock: () => Promise.resolve(),
} satisfies DialectAdapter;

export const SQLITE_ADAPTER: Adapter = { ...COMMON, locksRows: false };
export const POSTGRES_ADAPTER: Adapter = { ...COMMON, locksRows: true };

export function locksRows(db: Db): boolean {
  const { adapter } = db.getExecutor();
  return 'locksRows' in adapter && adapter.locksRows === true;
}
