/** When a schedule runs: cron expressions with Jenkins' `H`, in a time zone. */
export { tryParseCron, type CronCheck } from './try-parse.ts';
export { resolveCron } from './resolve.ts';
export { nextRun } from './next-run.ts';
export { tryTimezone, type TimezoneCheck } from './timezone.ts';
