import { mkdir, readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import type { StoreSettings } from '#controller/store';

const FOLDER = join(import.meta.dirname, '../golden/upgrades');

/** Makes the empty database one that the migrations up to `number` made, with rows of every kind. */
export async function fillOldDatabase(settings: StoreSettings, number: number): Promise<void> {
  const [schema, rows] = await Promise.all(
    [settings.kind, 'rows'].map((part) => readFile(join(FOLDER, `schema-${number}.${part}.sql`), 'utf8')),
  );
  const script = `${schema}${rows}`;
  if (settings.kind === 'sqlite') await fillSqlite(settings.file, script);
  else await fillPostgres(settings.url, script);
}

async function fillSqlite(file: string, script: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec(script);
  database.close();
}

async function fillPostgres(connectionString: string, script: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(script);
  // The rows of events brought their numbers along.
  await client.query(`select setval('event_seq', (select max(seq) from events))`);
  await client.end();
}
