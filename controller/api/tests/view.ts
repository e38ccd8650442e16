import type { ListedRun, ListedTest, Test as TestRow, TestOutput } from '#controller/store';
import { parseRecent } from '#controller/tests';
import type { Test, TestRun, TestRunInFull } from './schema.ts';

export function viewRun(run: ListedRun): TestRun {
  return {
    testId: run.test_id,
    jobId: run.job_id,
    buildId: run.build_id,
    build: run.build_number,
    job: run.job,
    attempt: run.attempt,
    branch: run.branch,
    commit: run.commit_id,
    suite: run.suite,
    name: run.name,
    result: run.result,
    ms: run.ms,
    reruns: run.reruns,
    isNew: run.is_new === 1,
    isFlaky: run.is_flaky === 1,
    message: run.message,
    at: run.at,
  };
}

export function viewRunInFull(run: ListedRun, output: TestOutput | undefined): TestRunInFull {
  const { detail = null, stdout = null, stderr = null } = output ?? {};
  return { ...viewRun(run), detail, stdout, stderr };
}

/** Which test it is. */
export function viewNames({ id, project_id: projectId, pipeline, job, suite, name }: TestRow) {
  return { id, projectId, pipeline, job, suite, name };
}

export function viewTest(test: ListedTest): Test {
  return {
    ...viewNames(test),
    branch: test.branch,
    isFlaky: test.is_flaky === 1,
    isFailing: test.is_failing === 1,
    recent: parseRecent(test.recent).map(({ build, attempt, ended }) => ({ build, attempt, result: ended })),
    lastBuild: test.last_build,
    lastAt: test.last_at,
  };
}
