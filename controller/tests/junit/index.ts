/** Reports of tests in JUnit's XML. */
export { MAX_NAME, MAX_TEXT } from './limits.ts';
export { parseReport } from './parse-report.ts';
export type { ReportedCase } from './reported-case.ts';
