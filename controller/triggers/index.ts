/** What starts builds by itself. */
export { createSchedules, type Schedules } from './cron.ts';
export { syncSchedules } from './cron-sync.ts';
export { resolvedCron, type ScheduleEntry } from './cron-entry.ts';
