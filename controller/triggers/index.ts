/** What starts builds by itself. */
export { matcherOf } from './filters/globs.ts';
export { createSchedules, type Schedules } from './cron.ts';
export { syncSchedules } from './cron-sync.ts';
export { resolvedCron, type ScheduleEntry } from './cron-entry.ts';
export { createTriggers, type Triggers } from './triggers.ts';
export { createReceiver, type Receipt, type Receiver } from './webhooks/receive.ts';
export { createStartByHand, type StartByHand } from './start-by-hand.ts';
export { lookAtProject, startScheduled } from './own-event.ts';
