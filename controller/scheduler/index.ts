/** Queued jobs → node requests → leases. */
export type { QueueStore, QueuedJob } from './queue-store.ts';
export { createScheduler, type Scheduler } from './scheduler.ts';
export { createQueueStore } from './store-queue.ts';
