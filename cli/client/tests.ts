import type { TestHistory, TestList, TestRunInFull, TestRunList } from '#controller/api';
import { queryOf } from './query.ts';
import type { Call } from './transport.ts';

export interface RunsQuery {
  /** Such as `failed,errored`. */
  result?: string | undefined;
  flaky?: boolean | undefined;
  query?: string | undefined;
  after?: string | undefined;
}

export interface TestsQuery {
  project?: string | undefined;
  pipeline?: string | undefined;
  branch?: string | undefined;
  flaky?: boolean | undefined;
  failing?: boolean | undefined;
  query?: string | undefined;
  limit?: number | undefined;
}

/** The part of the API that knows results of tests. */
export interface TestsClient {
  /** In pages of as many as there may be. */
  ofBuild(build: string, query: RunsQuery): Promise<TestRunList>;
  ofJob(jobId: string, query: RunsQuery): Promise<TestRunList>;
  show(jobId: string, testId: string): Promise<TestRunInFull>;
  list(query: TestsQuery): Promise<TestList>;
  history(
    testId: string,
    query: { branch?: string | undefined; limit?: number | undefined },
  ): Promise<TestHistory>;
}

export function createTestsClient(read: <T>(call: Call) => Promise<T>): TestsClient {
  return {
    ofBuild: (build, query) => read({ path: `/builds/${encodeURIComponent(build)}/tests${pageOf(query)}` }),
    ofJob: (jobId, query) => read({ path: `/jobs/${encodeURIComponent(jobId)}/tests${pageOf(query)}` }),
    show: (jobId, testId) =>
      read({ path: `/jobs/${encodeURIComponent(jobId)}/tests/${encodeURIComponent(testId)}` }),
    list: (query) => read({ path: `/tests${queryOf(query)}` }),
    history: (testId, query) =>
      read({ path: `/tests/${encodeURIComponent(testId)}/history${queryOf(query)}` }),
  };
}

const PAGE = 1000;

function pageOf(query: RunsQuery): string {
  return queryOf({ ...query, limit: PAGE });
}
