import type { Node } from '#controller/store';
import type { Situation } from './situation.ts';

/** Slower than all but one in twenty, and a quarter more: such a node is more likely stuck than about to be ready. */
const TAIL = 0.95;
const PATIENCE = 1.25;
/** Below that a second node costs more than it can win. */
const LEAST_MS = 1_000;

/**
 * When a second node is to be launched beside this one, in milliseconds since the epoch; null once it was ready, be it looked at again now,
 * and as long as nobody knows how long its template usually takes. After "The Tail at Scale" (Dean and Barroso, 2013): a hedge after the
 * 95th percentile adds few launches and cuts the tail.
 *
 * One whose template keeps failing may never come, as that of an engine that died a moment ago, and a job is not kept waiting to find out:
 * at once.
 */
export function hedgeAt(
  node: Node,
  { history, breakers, now }: Pick<Situation, 'history' | 'breakers' | 'now'>,
): number | null {
  if (node.ready_at !== null) return null;
  const template = { cloud: node.cloud, name: node.template };
  if (breakers.state(template, now).state !== 'closed') return node.created_at;
  const tail = history.startMs(template, TAIL);
  return tail === null ? null : node.created_at + Math.max(LEAST_MS, tail * PATIENCE);
}
