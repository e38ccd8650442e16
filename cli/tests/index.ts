/** Results of tests, as the command line shows them. */
export { allRuns, type RunPages } from './all-runs.ts';
export { findTests } from './find-tests.ts';
export { marksOf, paintResult, testName, took } from './words.ts';
