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
  await runTransaction(db, async (transaction) => {
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
    for (const { number, name, breaking, statements } of known) {
      if (numbers.has(number)) continue;
      for (const statement of statements(dialect)) await sql.raw(statement).execute(migrations);
      await migrations
        .insertInto('migrations')
        .values({ number, name, breaking: breaking ? 1 : 0, applied_at: Date.now() })
        .execute();
    }
  });
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
