import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The name of a database that lives in memory and dies with its connection. */
export const IN_MEMORY = ':memory:';

/**
 * A lock that another process holds is waited for this long inside SQLite, which stops the whole process; what is left of
 * the wait is the driver's, which lets others run.
 */
const SYNCHRONOUS_WAIT_MS = 2;

const MEBIBYTE = 1024 * 1024;

/**
 * Opens the file, and makes it and its folder, readable for this user alone: the journal files take over its mode.
 *
 * WAL with `synchronous = normal`: what is committed survives the death of the process at any moment. A power cut may take the last
 * transactions along, never the consistency of the rest.
 */
export function openSqliteFile(file: string): DatabaseSync {
  if (file !== IN_MEMORY) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  }
  return new DatabaseSync(file, { timeout: SYNCHRONOUS_WAIT_MS, enableForeignKeyConstraints: true });
}

/** May have to wait for another process's lock, as any statement may. */
export const SQLITE_PRAGMAS = [
  'pragma journal_mode = wal',
  'pragma synchronous = normal',
  `pragma journal_size_limit = ${64 * MEBIBYTE}`,
];
