import { createTurns } from './turns.ts';
import type { ProjectUsage, Waiting } from './waiting.ts';

/**
 * The whole queue in its order, as if everybody got a node in turn: by band (an hour of waiting, or ten points of priority), then by which
 * project has the fewest nodes for its share, then by rank. `now` in milliseconds since the epoch; the same input gives the same order.
 */
export function orderQueue<T extends Waiting>(waiting: readonly T[], usage: ProjectUsage, now: number): T[] {
  const turns = createTurns(waiting, usage, now);
  const ordered: T[] = [];
  for (let next = turns.next(); next !== undefined; next = turns.next()) {
    turns.served();
    ordered.push(next);
  }
  return ordered;
}
