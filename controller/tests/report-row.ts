import type { TestReport } from '#controller/store';
import { countTests, testSentence, type TestCounts } from '#shared/test-counts';

/** What a job's reports say together. */
export function countsOf(reports: readonly TestReport[]): TestCounts {
  return countTests(reports.map(({ new_failures: newFailures, ...row }) => ({ ...row, newFailures })));
}

/** What an artifact's reports say, and what is wrong with them. */
export function sentenceOf(report: TestReport): string {
  const counts = testSentence(countsOf([report]));
  return report.problem === null ? counts : `${counts}; ${report.problem.split('\n').join('; ')}`;
}
