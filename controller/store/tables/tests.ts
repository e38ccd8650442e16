/** What reports of tests told. */

/** `errored`: the test did not come to what it asks, as where its fixture failed. */
export type TestResult = 'passed' | 'failed' | 'errored' | 'skipped';

/** What has been read of a job's reports: one row for each artifact of them. */
export interface TestReportTable {
  artifact_id: string;
  job_id: string;
  build_id: string;
  /** All its tests, each counted in one of the next four. */
  total: number;
  passed: number;
  failed: number;
  errored: number;
  skipped: number;
  /** Of those that failed or errored: their last run before passed. */
  new_failures: number;
  flaky: number;
  /** Sum of what the tests took. */
  ms: number;
  /** What could not be read, as sentences, one a line; null where all was. */
  problem: string | null;
}

/** A test by its names, in one job of one pipeline. It stays as long as it has results. */
export interface TestTable {
  /** A digest of the rest, so that it is known without a look. */
  id: string;
  project_id: string | null;
  pipeline: string;
  /** Key of the job. */
  job: string;
  /** Its class, module or file; empty where the report has none. */
  suite: string;
  name: string;
}

/** One run of a test. */
export interface TestResultTable {
  artifact_id: string;
  /** Place in the reports of its artifact. */
  position: number;
  test_id: string;
  job_id: string;
  build_id: string;
  build_number: number;
  attempt: number;
  /** As `branchOf` names it; empty where a build has none. */
  branch: string;
  commit_id: string | null;
  result: TestResult;
  /** Null where the report does not say. */
  ms: number | null;
  /** How often it failed before, within the same job. */
  reruns: number;
  is_new: number;
  is_flaky: number;
  /** Why it failed or was skipped, in short. */
  message: string | null;
  at: number;
}

/** Long texts of a result, for those who look at just that one. */
export interface TestOutputTable {
  artifact_id: string;
  position: number;
  detail: string | null;
  stdout: string | null;
  stderr: string | null;
}

/** How a test is doing on a branch: the next run is compared with it, and lists of flaky and failing tests are read from it. */
export interface TestBranchTable {
  test_id: string;
  branch: string;
  /** The last runs, as `controller/tests/recent.ts` writes them; skipped ones are none. */
  recent: string;
  is_flaky: number;
  is_failing: number;
  /** Number of the newest build that ran it. */
  last_build: number;
  last_at: number;
}
