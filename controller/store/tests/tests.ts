import { sql } from 'kysely';
import { inChunks } from '../chunks.ts';
import type { Db } from '../db.ts';
import { locksRows } from '../dialects/adapter.ts';
import type { Artifact, Test, TestBranch, TestOutput, TestReport, TestRun } from '../schema.ts';
import { inTransaction } from '../transaction.ts';

/** What reports told, as it is written. All of it may be said again. */

/** Complete reports that nobody has read, the oldest first. By the index `artifacts_unread`. */
export function unreadReports(db: Db, limit: number): Promise<Artifact[]> {
  return db
    .selectFrom('artifacts')
    .selectAll()
    .where('role', '=', sql.lit('junit'))
    .where('state', '=', sql.lit('complete'))
    .where('read_at', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** What has been read of an artifact, and that it has. */
export async function putTestReport(db: Db, report: TestReport, at: number): Promise<void> {
  await db
    .insertInto('test_reports')
    .values(report)
    .onConflict((conflict) => conflict.column('artifact_id').doUpdateSet(report))
    .execute();
  await db.updateTable('artifacts').set({ read_at: at }).where('id', '=', report.artifact_id).execute();
}

export function findTestReport(db: Db, artifactId: string): Promise<TestReport | undefined> {
  return db.selectFrom('test_reports').selectAll().where('artifact_id', '=', artifactId).executeTakeFirst();
}

/** Tests that are there already stay as they are. */
export function insertTests(db: Db, tests: readonly Test[]): Promise<void> {
  return inTransaction(db, (db) =>
    inChunks(tests, (chunk) =>
      db
        .insertInto('tests')
        .values(chunk)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute(),
    ),
  );
}

/** How the tests are doing on a branch, by their ids; without those that have not run there. */
export async function testBranches(
  db: Db,
  branch: string,
  testIds: readonly string[],
): Promise<Map<string, TestBranch>> {
  const found: TestBranch[] = [];
  await inChunks(testIds, async (chunk) => {
    const rows = await db
      .selectFrom('test_branches')
      .selectAll()
      .where('branch', '=', branch)
      .where('test_id', 'in', chunk)
      .execute();
    found.push(...rows);
  });
  return new Map(found.map((row) => [row.test_id, row]));
}

/**
 * {@link testBranches} for who will change them in this transaction: others that want to wait for its end. Tests that have not run on the
 * branch get their rows, so that there is something to wait for.
 */
export async function lockTestBranches(
  db: Db,
  branch: string,
  testIds: readonly string[],
): Promise<Map<string, TestBranch>> {
  const fresh = { branch, recent: '', is_flaky: 0, is_failing: 0, last_build: 0, last_at: 0 };
  // In one order, so that of two nobody waits for the other.
  const ids = [...new Set(testIds)].toSorted();
  await inChunks(ids, (chunk) =>
    db
      .insertInto('test_branches')
      .values(chunk.map((id) => ({ test_id: id, ...fresh })))
      .onConflict((conflict) => conflict.columns(['test_id', 'branch']).doNothing())
      .execute(),
  );
  if (locksRows(db)) {
    await inChunks(ids, (chunk) =>
      db
        .selectFrom('test_branches')
        .select('test_id')
        .where('branch', '=', branch)
        .where('test_id', 'in', chunk)
        .orderBy('test_id')
        .forUpdate()
        .execute(),
    );
  }
  return testBranches(db, branch, ids);
}

export function putTestBranches(db: Db, rows: readonly TestBranch[]): Promise<void> {
  return inTransaction(db, (db) =>
    inChunks(rows, (chunk) =>
      db
        .insertInto('test_branches')
        .values(chunk)
        .onConflict((conflict) =>
          conflict.columns(['test_id', 'branch']).doUpdateSet((row) => ({
            recent: row.ref('excluded.recent'),
            is_flaky: row.ref('excluded.is_flaky'),
            is_failing: row.ref('excluded.is_failing'),
            last_build: row.ref('excluded.last_build'),
            last_at: row.ref('excluded.last_at'),
          })),
        )
        .execute(),
    ),
  );
}

/** Those of a report that were written before are replaced, place by place. */
export function putTestRuns(db: Db, runs: readonly TestRun[], outputs: readonly TestOutput[]): Promise<void> {
  return inTransaction(db, async (db) => {
    await inChunks(runs, (chunk) =>
      db
        .insertInto('test_results')
        .values(chunk)
        .onConflict((conflict) =>
          conflict.columns(['artifact_id', 'position']).doUpdateSet((row) => ({
            test_id: row.ref('excluded.test_id'),
            result: row.ref('excluded.result'),
            ms: row.ref('excluded.ms'),
            reruns: row.ref('excluded.reruns'),
            is_new: row.ref('excluded.is_new'),
            is_flaky: row.ref('excluded.is_flaky'),
            message: row.ref('excluded.message'),
            at: row.ref('excluded.at'),
          })),
        )
        .execute(),
    );
    await inChunks(outputs, (chunk) =>
      db
        .insertInto('test_outputs')
        .values(chunk)
        .onConflict((conflict) =>
          conflict.columns(['artifact_id', 'position']).doUpdateSet((row) => ({
            detail: row.ref('excluded.detail'),
            stdout: row.ref('excluded.stdout'),
            stderr: row.ref('excluded.stderr'),
          })),
        )
        .execute(),
    );
  });
}

/** With a build go its results, and the tests that nothing else tells of: before its own row goes. */
export function deleteTestsOfBuild(db: Db, buildId: string): Promise<void> {
  return inTransaction(db, async (db) => {
    const artifacts = db
      .selectFrom('artifacts')
      .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
      .select('artifacts.id')
      .where('jobs.build_id', '=', buildId);
    const ran = await db
      .selectFrom('test_results')
      .select('test_id')
      .distinct()
      .where('artifact_id', 'in', artifacts)
      .orderBy('test_id')
      .execute();
    await db.deleteFrom('test_outputs').where('artifact_id', 'in', artifacts).execute();
    await db.deleteFrom('test_results').where('artifact_id', 'in', artifacts).execute();
    await db.deleteFrom('test_reports').where('artifact_id', 'in', artifacts).execute();
    await inChunks(ran, (chunk) =>
      forgetTests(
        db,
        chunk.map(({ test_id: id }) => id),
      ),
    );
  });
}

/** Those of the tests that have no result, and the branches that have none of theirs. */
async function forgetTests(db: Db, ids: readonly string[]): Promise<void> {
  await db
    .deleteFrom('test_branches')
    .where('test_id', 'in', ids)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('test_results')
            .select('test_results.test_id')
            .whereRef('test_results.test_id', '=', 'test_branches.test_id')
            .whereRef('test_results.branch', '=', 'test_branches.branch'),
        ),
      ),
    )
    .execute();
  await db
    .deleteFrom('tests')
    .where('id', 'in', ids)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('test_results')
            .select('test_results.test_id')
            .whereRef('test_results.test_id', '=', 'tests.id'),
        ),
      ),
    )
    .execute();
}
