import { subjectOf, type TemplateId } from '#controller/fleet';
import { pinOf } from '#controller/matching';
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
 * One that is doubtful gets it at once.
 */
export function hedgeAt(
  node: Node,
  { history, breakers, now }: Pick<Situation, 'history' | 'breakers' | 'now'>,
): number | null {
  if (node.ready_at !== null) return null;
  if (isDoubtful(node, { breakers, now })) return node.created_at;
  const tail = history.startMs(templateOf(node), TAIL);
  return tail === null ? null : node.created_at + Math.max(LEAST_MS, tail * PATIENCE);
}

/**
 * Whether it may never come: it is on its way, and its template keeps failing, as that of an engine that died a moment ago, or the version
 * of an image that it was made for. No job is kept waiting to find out.
 */
export function isDoubtful(node: Node, { breakers, now }: Pick<Situation, 'breakers' | 'now'>): boolean {
  if (node.ready_at !== null) return false;
  return breakers.state(subjectOf(templateOf(node), pinOf(node)), now).state !== 'closed';
}

function templateOf({ cloud, template }: Node): TemplateId {
  return { cloud, name: template };
}
