import { Kysely, sql } from 'kysely';
import { expect, test } from 'vitest';
import { createSqliteDialect } from './dialects/sqlite.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { migrate } from './migrate.ts';
import { findJobByKey, queuedJobs } from './jobs.ts';
import type { Database } from './schema.ts';
import { stepsOfJob } from './steps.ts';

test('a database of an earlier Footman keeps its builds, jobs, steps and leases', async () => {
  const db = new Kysely<Database>({ dialect: createSqliteDialect(':memory:') });
  await migrate(db, 'sqlite', MIGRATIONS.slice(0, 1));
  for (const statement of OLD_ROWS) await sql.raw(statement).execute(db);

  await migrate(db, 'sqlite');

  expect(await findJobByKey(db, 'b', 'test')).toMatchObject({
    base: 'test',
    attempt: 1,
    superseded: 0,
    priority: 50,
    resolved: { env: {} },
  });
  expect(await queuedJobs(db, 9)).toMatchObject([{ id: 'j', rank: 7 - 50 * 6 * 60_000 }]);
  expect(await stepsOfJob(db, 'j')).toMatchObject([{ id: 's', phase: 'main' }]);
  expect(await db.selectFrom('leases').select('id').execute()).toEqual([{ id: 'l' }]);
  // What a job owns goes with it, as before.
  await db.deleteFrom('builds').execute();
  expect(await stepsOfJob(db, 'j')).toEqual([]);
  await db.destroy();
});

const OLD_ROWS = [
  `insert into builds (id, number, pipeline, file, state, definition, created_at) values ('b', 1, 'p', 'f', 'running', '{}', 1)`,
  `insert into jobs (id, build_id, key, name, position, state, state_since, runs_on, needs, spec, attempt, timeout_ms, queue_timeout_ms, queued_at)
   values ('j', 'b', 'test', 'test', 0, 'queued', 1, 'linux', '[]', '{}', 1, 1, 1, 7)`,
  `insert into steps (id, job_id, position, name, spec, state, log_bytes, log_lines) values ('s', 'j', 0, 'true', '{}', 'pending', 0, 0)`,
  `insert into leases (id, job_id, epoch, state, created_at) values ('l', 'j', 1, 'active', 1)`,
];
