import { setTimeout as sleep } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';
import {
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { isSqliteBusy } from '../database-error.ts';
import { decodeRow, encodeParameter } from '../json.ts';
import { SQLITE_ADAPTER } from './adapter.ts';
import { createMutex } from './mutex.ts';
import { SQLITE_PRAGMAS, openSqliteFile } from './sqlite-database.ts';
import { createStatementCache } from './sqlite-statements.ts';
import { createTurns } from './turns.ts';

/** How long a statement waits for its turn, and for a lock of another process. */
const WAIT_MS = 30_000;
const RETRY_MS = 3;

/** SQLite in this process. One connection: it is handed from statement to statement, or for the length of a transaction, in order of asking. */
export function createSqliteDialect(file: string): Dialect {
  return {
    createAdapter: () => SQLITE_ADAPTER,
    createDriver: () => createDriver(file),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver(file: string): Driver {
  const mutex = createMutex();
  const takeTurn = createTurns();
  let opened: { database: DatabaseSync; connection: DatabaseConnection } | undefined;

  async function init(): Promise<void> {
    const database = openSqliteFile(file);
    try {
      for (const pragma of SQLITE_PRAGMAS) await patiently(() => database.exec(pragma));
    } catch (error) {
      database.close();
      throw error;
    }
    opened = { database, connection: createConnection(database) };
  }

  async function acquireConnection(): Promise<DatabaseConnection> {
    await mutex.acquire(WAIT_MS, waitedTooLong);
    await takeTurn();
    if (opened !== undefined) return opened.connection;
    mutex.release();
    throw new FootmanError('internal', 'the store is closed');
  }

  /** Takes the write lock at once: a transaction that read first could not be promised one later. */
  async function beginTransaction(): Promise<void> {
    await patiently(() => opened?.database.exec('begin immediate'));
  }

  async function commitTransaction(): Promise<void> {
    await patiently(() => opened?.database.exec('commit'));
  }

  async function rollbackTransaction(): Promise<void> {
    // Some errors (a full disk) have rolled back already.
    if (opened?.database.isTransaction === true) opened.database.exec('rollback');
  }

  async function destroy(): Promise<void> {
    await mutex.acquire(WAIT_MS, waitedTooLong);
    opened?.database.close();
    opened = undefined;
    mutex.release();
  }

  return {
    init,
    acquireConnection,
    beginTransaction,
    commitTransaction,
    rollbackTransaction,
    releaseConnection: async () => mutex.release(),
    destroy,
  };
}

function createConnection(database: DatabaseSync): DatabaseConnection {
  const prepare = createStatementCache(database);

  function execute(query: CompiledQuery): QueryResult<Record<string, unknown>> {
    const { statement, returnsRows, jsonColumns } = prepare(query.sql);
    const parameters = query.parameters.map(encodeParameter) as SQLInputValue[];
    if (!returnsRows) return { rows: [], numAffectedRows: BigInt(statement.run(...parameters).changes) };
    const rows = statement.all(...parameters);
    if (jsonColumns.length > 0) for (const row of rows) decodeRow(row, jsonColumns);
    return { rows };
  }

  return {
    executeQuery: <R>(query: CompiledQuery) => patiently(() => execute(query) as QueryResult<R>),
    streamQuery() {
      throw new FootmanError('internal', 'statements of the store are read whole');
    },
  };
}

/**
 * Does the work again while another process (a controller that is just going, a backup) holds SQLite's lock. A statement that
 * was refused did nothing, and within a transaction none is.
 */
async function patiently<T>(work: () => T): Promise<T> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() > deadline) throw error;
    }
    await sleep(RETRY_MS);
  }
}

function waitedTooLong(): FootmanError {
  return new FootmanError('internal', `a statement waited ${WAIT_MS / 1000} s for the database`, {
    hint: 'Within a transaction, statements must take the db that it was given, and it must not wait for anything else.',
  });
}
