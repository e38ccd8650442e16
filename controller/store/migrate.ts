import { FootmanError } from '#shared/errors';
import { sql } from 'kysely';
import type { Db, DialectName } from './db.ts';
import { MIGRATIONS, type Migration } from './migrations/index.ts';
import { runTransaction } from './transaction.ts';

interface AppliedMigration {
  number: number;
  name: string;
  /** 0 or 1. */
  breaking: number;
  applied_at: number;
}

/** Arbitrary; other advisory locks of the store have other numbers. */
const LOCK = sql`select pg_advisory_xact_lock(7311001)`;

/**
 * Applies what is missing, all or nothing. Any number of controllers may start at once: the lock lets one do it, and the others find it done.
 *
 * @throws FootmanError `schema-too-new` when a newer Footman has been here whose schema this one would damage.
 */
export async function migrate(
  db: Db,
  dialect: DialectName,
  known: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  if (dialect === 'sqlite') await withoutForeignKeys(db, apply);
  else await apply();

  function apply(): Promise<void> {
    return runTransaction(db, (transaction) => applyMissing(transaction, dialect, known));
  }
}

/**
 * A table that is made anew is dropped first, which would take along every row that points at it. SQLite heeds this pragma outside of
 * transactions only; what no longer fits is found by the check at the end (https://sqlite.org/lang_altertable.html#otheralter).
 */
async function withoutForeignKeys(db: Db, work: () => Promise<void>): Promise<void> {
  await sql.raw('pragma foreign_keys = off').execute(db);
  try {
    await work();
  } finally {
    await sql.raw('pragma foreign_keys = on').execute(db);
  }
}

async function applyMissing(
  transaction: Db,
  dialect: DialectName,
  known: readonly Migration[],
): Promise<void> {
  if (dialect === 'postgres') await LOCK.execute(transaction);
  const migrations = transaction.withTables<{ migrations: AppliedMigration }>();
  await sql
    .raw(
      `create table if not exists migrations (
          number bigint primary key, name text not null, breaking bigint not null, applied_at bigint not null
        )`,
    )
    .execute(migrations);
  const applied = await migrations.selectFrom('migrations').selectAll().orderBy('number').execute();
  refuseNewer(applied, known);

  const numbers = new Set(applied.map((row) => row.number));
  const missing = known.filter(({ number }) => !numbers.has(number));
  for (const { number, name, breaking, statements } of missing) {
    for (const statement of statements(dialect)) await sql.raw(statement).execute(migrations);
    await migrations
      .insertInto('migrations')
      .values({ number, name, breaking: breaking ? 1 : 0, applied_at: Date.now() })
      .execute();
  }
  if (dialect === 'sqlite' && missing.length > 0) await checkForeignKeys(transaction);
}

async function checkForeignKeys(transaction: Db): Promise<void> {
  const { rows } = await sql.raw('pragma foreign_key_check').execute(transaction);
  if (rows.length > 0) throw new Error(`${rows.length} rows point at rows that a migration lost`);
}

function refuseNewer(applied: readonly AppliedMigration[], known: readonly Migration[]): void {
  const newest = known.at(-1)?.number ?? 0;
  const stranger = applied.find((row) => row.number > newest && row.breaking !== 0);
  if (stranger === undefined) return;
  throw new FootmanError(
    'schema-too-new',
    `the database has migration ${stranger.number} (${stranger.name}), and this Footman knows ${newest}`,
    { hint: 'Start the Footman that made it, or a newer one.' },
  );
}
