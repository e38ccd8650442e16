/** What a point of priority is worth in waiting. */
const POINT_MS = 60_000;

/**
 * The job's place in the queue: smaller is sooner. A job of priority 75 goes before one of 50 that has waited for less than 25 minutes, and
 * after one that has waited longer. All who wait gain at the same pace, so the order of two never changes while they wait, nobody starves
 * (priorities are 0 to 100: after 100 minutes nothing new goes first), and the database can keep the queue sorted.
 */
export function rankOf(queuedAt: number, priority: number): number {
  return queuedAt - priority * POINT_MS;
}
