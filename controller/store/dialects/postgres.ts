import { FootmanError } from '#shared/errors';
import {
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { Pool, PoolClient, QueryResult as PgResult } from 'pg';
import { decodeRow, encodeParameter, jsonColumns } from '../json.ts';
import { POSTGRES_ADAPTER } from './adapter.ts';
import { createPostgresPool } from './postgres-pool.ts';

type Row = Record<string, unknown>;

interface PostgresConnection extends DatabaseConnection {
  client: PoolClient;
}

export function createPostgresDialect(url: string): Dialect {
  return {
    createAdapter: () => POSTGRES_ADAPTER,
    createDriver: () => createDriver(url),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

function createDriver(url: string): Driver {
  let pool: Pool | undefined;
  /** Connections whose state nobody knows: they are closed, not used again. */
  const broken = new WeakSet<DatabaseConnection>();

  async function init(): Promise<void> {
    pool = await createPostgresPool(url);
  }

  async function acquireConnection(): Promise<DatabaseConnection> {
    if (pool === undefined) throw new FootmanError('internal', 'the store is closed');
    return createConnection(await pool.connect());
  }

  async function rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await clientOf(connection).query('rollback');
    } catch {
      // The error that led here is the one worth telling.
      broken.add(connection);
    }
  }

  async function releaseConnection(connection: DatabaseConnection): Promise<void> {
    clientOf(connection).release(broken.has(connection));
  }

  async function destroy(): Promise<void> {
    const ending = pool;
    pool = undefined;
    await ending?.end();
  }

  return {
    init,
    acquireConnection,
    beginTransaction,
    commitTransaction,
    rollbackTransaction,
    releaseConnection,
    destroy,
  };
}

async function beginTransaction(connection: DatabaseConnection): Promise<void> {
  await clientOf(connection).query('begin isolation level read committed');
}

async function commitTransaction(connection: DatabaseConnection): Promise<void> {
  const { command } = await clientOf(connection).query('commit');
  // PostgreSQL answers so when a statement had failed and its error was swallowed.
  if (command === 'ROLLBACK') throw new FootmanError('internal', 'a statement of the transaction had failed');
}

function createConnection(client: PoolClient): PostgresConnection {
  /** Statements are not named: a newer controller's migration would break the prepared `select *` of an older one that still runs. */
  async function executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result: PgResult<Row> = await client.query(query.sql, query.parameters.map(encodeParameter));
    const columns = jsonColumns(result.fields.map((field) => field.name));
    if (columns.length > 0) for (const row of result.rows) decodeRow(row, columns);
    return { rows: result.rows as R[], numAffectedRows: BigInt(result.rowCount ?? 0) };
  }

  return {
    client,
    executeQuery,
    streamQuery() {
      throw new FootmanError('internal', 'statements of the store are read whole');
    },
  };
}

function clientOf(connection: DatabaseConnection): PoolClient {
  return (connection as PostgresConnection).client;
}
