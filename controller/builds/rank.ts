import type { Build } from '#controller/store';

/** What a point of priority is worth in waiting: ten points are an hour. */
const POINT_MS = 6 * 60_000;
/** What a pipeline asks for that says nothing. */
const NORMAL = 50;

/**
 * The job's place in the queue: smaller is sooner. A job of priority 75 is as urgent as one of 50 that has waited for two and a half hours.
 * All who wait gain at the same pace, so the order of two never changes while they wait, and the database can keep the queue sorted. What
 * projects are owed goes on top of it (`#controller/queue`).
 */
export function rankOf(queuedAt: number, priority: number): number {
  return queuedAt - priority * POINT_MS;
}

/** What the job gets of what its pipeline asks for: strangers go before nobody by asking, though they may step back. */
export function grantedPriority({ trust }: Pick<Build, 'trust'>, priority: number): number {
  return trust === 'trusted' ? priority : Math.min(priority, NORMAL);
}
