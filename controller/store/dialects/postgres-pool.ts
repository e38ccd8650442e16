import type { Pool, types } from 'pg';

type TypeId = Parameters<typeof types.getTypeParser>[0];

/** More would wait for each other's row locks rather than do work. */
const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** A transaction never waits for anything but the database; one whose controller hangs must not lock the others out. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/** `pg` is loaded here, and only here, so that a controller on SQLite does without its memory. */
export async function createPostgresPool(url: string): Promise<Pool> {
  const { Pool, types } = await import('pg');
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'footman',
    keepAlive: true,
    types: { getTypeParser },
  });
  // An idle connection that dies is replaced by the pool; without a listener its error would end the process.
  pool.on('error', () => {});
  return pool;

  /** Times and counts are `int8`, which `pg` gives as text; they are far below 2⁵³. */
  function getTypeParser(oid: TypeId, format?: 'text' | 'binary') {
    return oid === types.builtins.INT8 && format !== 'binary' ? Number : types.getTypeParser(oid, format);
  }
}
