import { FootmanError, messageOf } from '#shared/errors';
import { Kysely } from 'kysely';
import type { Db, DialectName } from './db.ts';
import { createPostgresDialect } from './dialects/postgres.ts';
import { createSqliteDialect } from './dialects/sqlite.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';
import { runTransaction } from './transaction.ts';

/**
 * Where all state lives: SQLite in the controller's own process, or a PostgreSQL that any number of controllers share.
 *
 * Concurrency is READ COMMITTED and compare-and-swap. Whoever changes a state names, in the UPDATE itself, the states that it may leave
 * (`swapState`); the database lets one of those who try at once win, and tells the others that they were late. Nothing relies on what was
 * read before, so nothing has to be locked while somebody thinks. Where two facts must become true together (a node leased and its lease
 * written, a change and its event) they share a transaction, and unique indexes stand behind the invariants. SQLite is stricter, with one
 * transaction at a time; no code relies on that.
 *
 * Transactions are short, and contain statements only: on SQLite everybody else waits for them.
 */
export interface Store {
  readonly dialect: DialectName;
  /** For statements outside a transaction. Within one, take the `db` that it gives: on SQLite this one would wait for it to end. */
  readonly db: Db;
  /** All or nothing. The work may be run again after a conflict, so it has no effects but its statements; its errors must leave it. */
  transaction<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** Waits for what runs. */
  close(): Promise<void>;
}

export type StoreSettings =
  /** `:memory:` is a database that ends with the store. */
  { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

/**
 * Opens the database and brings its schema up to date.
 *
 * @throws FootmanError `schema-too-new`, or `host-unfit` when the database can't be opened.
 */
export async function openStore(settings: StoreSettings, signal?: AbortSignal): Promise<Store> {
  signal?.throwIfAborted();
  const dialect = settings.kind;
  const db = new Kysely<Database>({
    dialect:
      settings.kind === 'sqlite' ? createSqliteDialect(settings.file) : createPostgresDialect(settings.url),
  });
  try {
    await migrate(db, dialect);
    signal?.throwIfAborted();
  } catch (error) {
    await db.destroy();
    throw signal?.aborted === true || error instanceof FootmanError ? error : unopened(settings, error);
  }
  return {
    dialect,
    db,
    transaction: (work) => runTransaction(db, work),
    close: () => db.destroy(),
  };
}

/** The URL may hold a password, so it is not told. */
function unopened(settings: StoreSettings, cause: unknown): FootmanError {
  const what = settings.kind === 'sqlite' ? settings.file : 'the PostgreSQL database';
  return new FootmanError('host-unfit', `cannot open ${what}: ${messageOf(cause)}`, { cause });
}
