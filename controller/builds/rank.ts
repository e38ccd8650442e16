import type { Build } from '#controller/store';

/** What a point of priority is worth in waiting. */
const POINT_MS = 60_000;
/** What a pipeline asks for that says nothing. */
const NORMAL = 50;

/**
 * The job's place in the queue: smaller is sooner. A job of priority 75 goes before one of 50 that has waited for less than 25 minutes, and
 * after one that has waited longer. All who wait gain at the same pace, so the order of two never changes while they wait, nobody starves
 * (priorities are 0 to 100: after 100 minutes nothing new goes first), and the database can keep the queue sorted.
 */
export function rankOf(queuedAt: number, priority: number): number {
  return queuedAt - priority * POINT_MS;
}

/** What the job gets of what its pipeline asks for: strangers go before nobody by asking, though they may step back. */
export function grantedPriority({ trust }: Pick<Build, 'trust'>, priority: number): number {
  return trust === 'trusted' ? priority : Math.min(priority, NORMAL);
}
