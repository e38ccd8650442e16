/** Queued jobs → node requests → leases. */
export { createScheduler, type Scheduler } from './scheduler.ts';
