import type { DialectAdapter } from 'kysely';

/**
 * What Kysely wants to know of both databases. Our SQLite driver shares its one connection by a fair queue of its own, where Kysely's would
 * wake all that wait and let the luckiest in; so it claims several connections. Migrations take their own locks.
 */
export const ADAPTER: DialectAdapter = {
  supportsCreateIfNotExists: true,
  supportsMultipleConnections: true,
  supportsReturning: true,
  supportsTransactionalDdl: true,
  acquireMigrationLock: () => Promise.resolve(),
  releaseMigrationLock: () => Promise.resolve(),
};
