/** Results of tests, counted. */
export { countTests, testSentence, type TestCounts } from './test-counts.ts';
