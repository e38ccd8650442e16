/** What a doctor's report looks like to people. */
export { formatReport } from './report.ts';
