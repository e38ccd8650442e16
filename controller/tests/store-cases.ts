import {
  insertTests,
  lockTestBranches,
  putTestBranches,
  putTestRuns,
  testBranches,
  type Artifact,
  type Build,
  type Db,
  type Job,
  type Store,
  type Test,
  type TestBranch,
  type TestOutput,
  type TestResult,
  type TestRun,
} from '#controller/store';
import { isFlaky, isNewFailure } from './marks.ts';
import { formatRecent, parseRecent, withRun, type RecentRun } from './recent.ts';

/** A test of a report as it is stored: cleaned, masked and cut. */
export interface ShownCase {
  position: number;
  test: Test;
  result: TestResult;
  ms: number | null;
  reruns: number;
  message: string | null;
  detail: string | null;
  stdout: string | null;
  stderr: string | null;
}

export interface Origin {
  artifact: Artifact;
  job: Job;
  build: Build;
  branch: string;
  /** Where the branch came from; undefined where that is not known, or is itself. */
  base: string | undefined;
}

/** How the results of one artifact compare with earlier ones. */
export interface Marked {
  newFailures: number;
  flaky: number;
}

/** Tests of one transaction: on SQLite everybody else waits meanwhile. */
const CHUNK = 250;

/** Writes the results, and compares each with the runs before. It may be done again, and be ended in the middle. */
export async function storeCases(
  store: Store,
  cases: readonly ShownCase[],
  origin: Origin,
  signal: AbortSignal,
): Promise<Marked> {
  const marked = { newFailures: 0, flaky: 0 };
  for (let from = 0; from < cases.length; from += CHUNK) {
    signal.throwIfAborted();
    const chunk = cases.slice(from, from + CHUNK);
    const runs = await store.transaction((db) => storeChunk(db, chunk, origin));
    marked.newFailures += runs.filter((run) => run.is_new === 1).length;
    marked.flaky += runs.filter((run) => run.is_flaky === 1).length;
  }
  return marked;
}

async function storeChunk(db: Db, cases: readonly ShownCase[], origin: Origin): Promise<TestRun[]> {
  const { branch, base } = origin;
  const ids = cases.map(({ test }) => test.id);
  // In one order, so that of two that write the same tests nobody waits for the other.
  const tests = cases.map(({ test }) => test).toSorted((one, other) => (one.id < other.id ? -1 : 1));
  await insertTests(db, tests);
  const ran = cases.filter(({ result }) => result !== 'skipped');
  const before = await lockTestBranches(
    db,
    branch,
    ran.map(({ test }) => test.id),
  );
  const onBase = base === undefined ? undefined : await testBranches(db, base, ids);
  const judged = cases.map((one) => judge(one, origin, before.get(one.test.id), onBase?.get(one.test.id)));
  const branches = judged.flatMap(({ now }) => now ?? []);
  await putTestBranches(db, branches);
  const runs = judged.map(({ run }) => run);
  await putTestRuns(
    db,
    runs,
    cases.flatMap((one) => outputOf(one, origin)),
  );
  return runs;
}

function judge(
  { position, test, result, ms, reruns, message }: ShownCase,
  { artifact, job, build, branch }: Origin,
  before: TestBranch | undefined,
  onBase: TestBranch | undefined,
): { run: TestRun; now: TestBranch | undefined } {
  const at = artifact.finished_at ?? artifact.created_at;
  const commit = build.source?.commit ?? null;
  const facts = {
    artifact_id: artifact.id,
    position,
    test_id: test.id,
    job_id: job.id,
    build_id: build.id,
    build_number: build.number,
    attempt: job.attempt,
    branch,
    commit_id: commit,
    result,
    ms,
    reruns,
    message,
    at,
  };
  if (result === 'skipped') return { run: { ...facts, is_new: 0, is_flaky: 0 }, now: undefined };
  const recent: RecentRun = {
    build: build.number,
    attempt: job.attempt,
    ended: result !== 'passed' ? 'failed' : reruns > 0 ? 'mixed' : 'passed',
    commit: commit ?? '',
  };
  const onBranch = parseRecent(before?.recent ?? '');
  const runs = withRun(onBranch, recent);
  const isNew = isNewFailure(recent, onBranch, parseRecent(onBase?.recent ?? ''));
  const isUnsteady = isFlaky(runs);
  const last = runs.at(-1) ?? recent;
  return {
    run: { ...facts, is_new: isNew ? 1 : 0, is_flaky: isUnsteady || onBase?.is_flaky === 1 ? 1 : 0 },
    now: {
      test_id: test.id,
      branch,
      recent: formatRecent(runs),
      is_flaky: isUnsteady ? 1 : 0,
      is_failing: last.ended === 'failed' ? 1 : 0,
      last_build: last.build,
      last_at: Math.max(before?.last_at ?? 0, at),
    },
  };
}

function outputOf({ position, detail, stdout, stderr }: ShownCase, { artifact }: Origin): TestOutput[] {
  if (detail === null && stdout === null && stderr === null) return [];
  return [{ artifact_id: artifact.id, position, detail, stdout, stderr }];
}
