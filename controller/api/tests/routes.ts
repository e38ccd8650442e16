import type { z } from 'zod';
import {
  findTest,
  findTestRun,
  historyOfTest,
  jobsOfBuild,
  listTestRuns,
  listTests,
  testReportsOfJobs,
  type Job,
} from '#controller/store';
import { countsOf } from '#controller/tests';
import { FootmanError } from '#shared/errors';
import { requireBuild } from '../builds/find.ts';
import { BuildParams } from '../builds/schema.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireJob } from '../jobs/find.ts';
import { originOf } from '../jobs/origin.ts';
import { JobParams } from '../jobs/schema.ts';
import { requireProject } from '../projects/find.ts';
import {
  HistoryQuery,
  JobTestParams,
  RunsQuery,
  TestHistory,
  TestList,
  TestParams,
  TestRunInFull,
  TestRunList,
  TestsQuery,
} from './schema.ts';
import { viewNames, viewRun, viewRunInFull, viewTest } from './view.ts';

export function testRoutes({ store: { db } }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/builds/{build}/tests',
      summary:
        'Lists the tests of a build, job by job, as its reports tell of them; of each job, the last attempt.',
      role: 'read',
      params: BuildParams,
      query: RunsQuery,
      answer: TestRunList,
      async handle({ params, query }) {
        const { id } = await requireBuild(db, params.build);
        const jobs = await jobsOfBuild(db, id);
        return list(
          jobs.filter(({ superseded }) => superseded === 0),
          query,
        );
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/jobs/{job}/tests',
      summary: 'Lists the tests of a job as its reports tell of them.',
      role: 'read',
      params: JobParams,
      query: RunsQuery,
      answer: TestRunList,
      handle: async ({ params, query }) => list([await requireJob(db, params.job)], query),
    }),

    jsonRoute({
      method: 'get',
      path: '/jobs/{job}/tests/{test}',
      summary: 'Shows what a job tells of one test, with all that it wrote if it failed.',
      role: 'read',
      params: JobTestParams,
      answer: TestRunInFull,
      async handle({ params }) {
        const job = await requireJob(db, params.job);
        const found = await findTestRun(db, originOf(job), params.test);
        if (found === undefined) {
          throw new FootmanError('not-found', `job ${job.key} tells of no test ${params.test}`);
        }
        return viewRunInFull(found.run, found.output);
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/tests',
      summary: 'Lists tests, once for each branch that they ran on, and how they are doing there.',
      role: 'read',
      query: TestsQuery,
      answer: TestList,
      async handle({ query: { project, flaky: isFlaky, failing: isFailing, ...filter } }) {
        const projectId = project === undefined ? undefined : (await requireProject(db, project)).id;
        const tests = await listTests(db, { ...filter, projectId, isFlaky, isFailing });
        const last = tests.length === filter.limit ? tests.at(-1) : undefined;
        return { tests: tests.map(viewTest), next: last === undefined ? null : `${last.id}.${last.branch}` };
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/tests/{test}/history',
      summary: 'Lists the runs of a test, the newest first.',
      role: 'read',
      params: TestParams,
      query: HistoryQuery,
      answer: TestHistory,
      async handle({ params, query }) {
        const test = await findTest(db, params.test);
        if (test === undefined) throw new FootmanError('not-found', `there is no test ${params.test}`);
        const runs = await historyOfTest(db, { testId: test.id, ...query });
        const last = runs.length === query.limit ? runs.at(-1) : undefined;
        const next = last === undefined ? null : `${last.build_number}.${last.attempt}`;
        return { ...viewNames(test), runs: runs.map(viewRun), next };
      },
    }),
  ];

  async function list(
    jobs: readonly Job[],
    { new: isNew, flaky: isFlaky, result: results, ...filter }: z.output<typeof RunsQuery>,
  ): Promise<z.input<typeof TestRunList>> {
    const jobIds = jobs.map(originOf);
    const reports = await testReportsOfJobs(db, jobIds);
    const runs = await listTestRuns(db, { jobIds, results, isNew, isFlaky, ...filter });
    const last = runs.length === filter.limit ? runs.at(-1) : undefined;
    return {
      counts: countsOf(reports),
      problems: reports.flatMap(({ problem }) => problem?.split('\n') ?? []),
      tests: runs.map(viewRun),
      next: last === undefined ? null : `${last.artifact_id}.${last.position}`,
    };
  }
}
