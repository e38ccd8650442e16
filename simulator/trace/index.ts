/** Arrivals, as they were observed. */
export { parseTrace, type Trace } from './parse-trace.ts';
export { repeatTrace } from './repeat-trace.ts';
