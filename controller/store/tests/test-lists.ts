import { sql, type Expression, type SqlBool } from 'kysely';
import type { Db } from '../db.ts';
import type { Test, TestBranch, TestOutput, TestReport, TestResult, TestRun } from '../schema.ts';

/** What reports told, as people ask for it. */

/** Of every artifact with reports of the jobs, whatever became of them. */
export function testReportsOfJobs(db: Db, jobIds: readonly string[]): Promise<TestReport[]> {
  if (jobIds.length === 0) return Promise.resolve([]);
  return db.selectFrom('test_reports').selectAll().where('job_id', 'in', jobIds).execute();
}

/** A run with its test. */
export interface ListedRun extends TestRun, Pick<Test, 'job' | 'suite' | 'name'> {}

export interface RunFilter {
  jobIds: readonly string[];
  results?: readonly TestResult[] | undefined;
  isNew?: boolean | undefined;
  isFlaky?: boolean | undefined;
  /** Part of its names, in any case. */
  query?: string | undefined;
  limit: number;
  after?: RunPlace | undefined;
}

export interface RunPlace {
  artifactId: string;
  position: number;
}

/** In the order of the reports. */
export async function listTestRuns(db: Db, filter: RunFilter): Promise<ListedRun[]> {
  const { jobIds, results, isNew = false, isFlaky = false, query: text, limit, after } = filter;
  const reports = await testReportsOfJobs(db, jobIds);
  const artifacts = reports.map(({ artifact_id: id }) => id);
  if (artifacts.length === 0) return [];
  let query = runs(db).where('test_results.artifact_id', 'in', artifacts);
  if (results !== undefined) query = query.where('test_results.result', 'in', results);
  if (isNew) query = query.where('test_results.is_new', '=', 1);
  if (isFlaky) query = query.where('test_results.is_flaky', '=', 1);
  if (text !== undefined) query = query.where(hasText(text));
  if (after !== undefined) {
    const { artifactId, position } = after;
    query = query.where(
      sql<boolean>`(test_results.artifact_id, test_results.position) > (${artifactId}, ${position})`,
    );
  }
  return query.orderBy('test_results.artifact_id').orderBy('test_results.position').limit(limit).execute();
}

/** The test's run in the job with its long texts, if it has some; of several, the last. */
export async function findTestRun(
  db: Db,
  jobId: string,
  testId: string,
): Promise<{ run: ListedRun; output: TestOutput | undefined } | undefined> {
  const run = await runs(db)
    .where('test_results.test_id', '=', testId)
    .where('test_results.job_id', '=', jobId)
    .orderBy('test_results.artifact_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (run === undefined) return undefined;
  const output = await db
    .selectFrom('test_outputs')
    .selectAll()
    .where('artifact_id', '=', run.artifact_id)
    .where('position', '=', run.position)
    .executeTakeFirst();
  return { run, output };
}

export function findTest(db: Db, id: string): Promise<Test | undefined> {
  return db.selectFrom('tests').selectAll().where('id', '=', id).executeTakeFirst();
}

export interface HistoryFilter {
  testId: string;
  branch?: string | undefined;
  limit: number;
  /** Only earlier runs. */
  before?: { build: number; attempt: number } | undefined;
}

/** Newest build first; of a build, the last attempt first. By the index `test_results_test`. */
export function historyOfTest(
  db: Db,
  { testId, branch, limit, before }: HistoryFilter,
): Promise<ListedRun[]> {
  let query = runs(db).where('test_results.test_id', '=', testId);
  if (branch !== undefined) query = query.where('test_results.branch', '=', branch);
  if (before !== undefined) {
    query = query.where(
      sql<boolean>`(test_results.build_number, test_results.attempt) < (${before.build}, ${before.attempt})`,
    );
  }
  return query
    .orderBy('test_results.build_number', 'desc')
    .orderBy('test_results.attempt', 'desc')
    .orderBy('test_results.position', 'desc')
    .limit(limit)
    .execute();
}

/** A test, and how it is doing on one branch. */
export interface ListedTest extends Test, Omit<TestBranch, 'test_id'> {}

export interface TestFilter {
  projectId?: string | undefined;
  pipeline?: string | undefined;
  branch?: string | undefined;
  isFlaky?: boolean | undefined;
  isFailing?: boolean | undefined;
  /** Part of its names, in any case. */
  query?: string | undefined;
  limit: number;
  /** The last one of the page before. */
  after?: { testId: string; branch: string } | undefined;
}

/** In the order of their ids, once for each branch. Flaky and failing ones by the partial indexes. */
export function listTests(db: Db, filter: TestFilter): Promise<ListedTest[]> {
  const { projectId, pipeline, branch, isFlaky = false, isFailing = false, limit, after } = filter;
  let query = db
    .selectFrom('test_branches')
    .innerJoin('tests', 'tests.id', 'test_branches.test_id')
    .selectAll('tests')
    .select([
      'test_branches.branch',
      'test_branches.recent',
      'test_branches.is_flaky',
      'test_branches.is_failing',
      'test_branches.last_build',
      'test_branches.last_at',
    ]);
  if (projectId !== undefined) query = query.where('tests.project_id', '=', projectId);
  if (pipeline !== undefined) query = query.where('tests.pipeline', '=', pipeline);
  if (branch !== undefined) query = query.where('test_branches.branch', '=', branch);
  // As the partial indexes have it.
  if (isFlaky) query = query.where('test_branches.is_flaky', '=', sql.lit(1));
  if (isFailing) query = query.where('test_branches.is_failing', '=', sql.lit(1));
  if (filter.query !== undefined) query = query.where(hasText(filter.query));
  if (after !== undefined) {
    query = query.where(
      sql<boolean>`(test_branches.test_id, test_branches.branch) > (${after.testId}, ${after.branch})`,
    );
  }
  return query.orderBy('test_branches.test_id').orderBy('test_branches.branch').limit(limit).execute();
}

/** A run as it is listed, by its names. */
function runs(db: Db) {
  return db
    .selectFrom('test_results')
    .innerJoin('tests', 'tests.id', 'test_results.test_id')
    .selectAll('test_results')
    .select(['tests.job', 'tests.suite', 'tests.name']);
}

/** Not by LIKE: a name may hold its wildcards. */
function hasText(text: string): Expression<SqlBool> {
  const names = sql`lower(tests.suite || '.' || tests.name)`;
  const part = sql`lower(cast(${text} as text))`;
  return sql<SqlBool>`length(replace(${names}, ${part}, '')) < length(${names})`;
}
