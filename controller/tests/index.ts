/** Reports of tests: read from the storage, stored test by test, and compared with the runs before. */
export { parseRecent, type RecentRun } from './recent.ts';
export { countsOf } from './report-row.ts';
export { createTestReader, type TestReader } from './reader.ts';
