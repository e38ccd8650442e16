/** Results of tests. */
export {
  deleteTestsOfBuild,
  findTestReport,
  insertTests,
  lockTestBranches,
  putTestBranches,
  putTestReport,
  putTestRuns,
  testBranches,
  unreadReports,
} from './tests.ts';
export {
  findTest,
  findTestRun,
  historyOfTest,
  listTestRuns,
  listTests,
  testReportsOfJobs,
  type HistoryFilter,
  type ListedRun,
  type ListedTest,
  type RunFilter,
  type RunPlace,
  type TestFilter,
} from './test-lists.ts';
