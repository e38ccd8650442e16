import { insertTests, putTestBranches, putTestReport, putTestRuns } from '#controller/store';
import type { HandMadeBuild } from './api-build.ts';
import type { ApiServer } from './api-server.ts';

/** Has the job tell of one test that failed; returns the test's id. Its artifact stands for the one with the report. */
export async function tellTest({ store: { db } }: ApiServer, { build, job }: HandMadeBuild): Promise<string> {
  const id = 'a'.repeat(32);
  const artifact = job.artifacts[0]?.id ?? '';
  const place = { artifact_id: artifact, position: 0 };
  const origin = { job_id: job.id, build_id: build.id };
  await insertTests(db, [
    { id, project_id: null, pipeline: build.pipeline, job: job.key, suite: 's', name: 't' },
  ]);
  const none = { passed: 0, errored: 0, skipped: 0, new_failures: 0, flaky: 0, ms: 1 };
  await putTestReport(
    db,
    { artifact_id: artifact, ...origin, total: 1, failed: 1, ...none, problem: 'a.xml is empty' },
    1,
  );
  const marks = { reruns: 0, is_new: 1, is_flaky: 0 };
  const run = { attempt: 1, branch: 'main', commit_id: null, result: 'failed', ms: 1, ...marks } as const;
  await putTestRuns(
    db,
    [{ ...place, ...origin, ...run, test_id: id, build_number: build.number, message: 'no', at: 1 }],
    [{ ...place, detail: 'why', stdout: 'out', stderr: null }],
  );
  const now = { is_flaky: 1, is_failing: 1, last_build: build.number, last_at: 1 };
  await putTestBranches(db, [{ test_id: id, branch: 'main', recent: `${build.number}.1f`, ...now }]);
  return id;
}
