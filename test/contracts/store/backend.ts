import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type StoreSettings } from '#controller/store';
import { postgresMissing, startPostgres } from '#test/postgres';

/** Something that has databases for tests. */
export interface Backend {
  /** A database without tables, of which nobody else knows. */
  emptyDatabase(): Promise<StoreSettings>;
  /** The same, with the schema in place. */
  database(): Promise<StoreSettings>;
  stop(): Promise<void>;
}

export interface BackendKind {
  name: string;
  /** Why it can't be had on this machine. */
  missing: string | undefined;
  start(): Promise<Backend>;
}

export const BACKENDS: readonly BackendKind[] = [
  { name: 'SQLite', missing: undefined, start: startSqliteBackend },
  {
    name: 'PostgreSQL',
    missing: postgresMissing(),
    start: startPostgresBackend,
  },
];

async function startSqliteBackend(): Promise<Backend> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-store-'));
  let count = 0;

  async function emptyDatabase(): Promise<StoreSettings> {
    count += 1;
    return { kind: 'sqlite', file: join(folder, String(count), 'footman.db') };
  }

  return {
    emptyDatabase,
    database: emptyDatabase,
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The tables are made once, and copied for each test. */
async function startPostgresBackend(): Promise<Backend> {
  const postgres = await startPostgres();
  const template = await postgres.createDatabase('tables');
  const store = await openStore({ kind: 'postgres', url: template });
  await store.close();
  let count = 0;

  async function create(template?: string): Promise<StoreSettings> {
    count += 1;
    return { kind: 'postgres', url: await postgres.createDatabase(`test_${count}`, template) };
  }

  return {
    emptyDatabase: () => create(),
    database: () => create('tables'),
    stop: () => postgres.stop(),
  };
}
