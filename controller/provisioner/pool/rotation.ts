import type { Node } from '#controller/store';

/** What a pool does next, so that it has its target, of good nodes. */
export interface Rotation {
  /** Nodes to launch: those that are missing, and those that take the place of outdated ones. */
  launch: number;
  /** Nodes that the pool can do without. */
  retire: Node[];
  /**
   * Only when a launch is refused because the quota leaves no room: the outdated node to retire, so that a good one can come in its place.
   * Null when that would leave more than one node missing.
   */
  giveUp: Node | null;
}

/** The part of a pool that is replaced at a time: a pool that is outdated as a whole does not double, and its cloud is not flooded. */
const SHARE_AT_ONCE = 0.25;

/**
 * Brings a pool to its target, and replaces what is outdated, a part at a time. An outdated node goes only when good ones that are ready
 * make up the target without it; so replacing never makes a job wait, whatever keeps new nodes from coming: a breaker, a rate, a cordon. The one
 * exception is a full quota, where nothing could ever be replaced: there one outdated node at a time goes first (`giveUp`).
 *
 * What is too many goes in this order: outdated nodes, nodes on their way, ready ones from the oldest on. Nodes that are being launched
 * can't go yet. A cordoned node is left alone and counts for nothing.
 *
 * @param spare nodes of the template, ready or on their way, that no request wants; oldest first
 */
export function rotate(
  spare: readonly Node[],
  target: number,
  isOutdated: (node: Node) => boolean,
): Rotation {
  const own = spare.filter(({ cordoned }) => cordoned === null);
  const [good, outdated] = [own.filter((node) => !isOutdated(node)), own.filter(isOutdated)];
  const [ready, coming] = [good.filter(isReady), good.filter((node) => !isReady(node))];

  const needed = Math.max(0, target - ready.length);
  const stopgaps = newestReadyFirst(outdated).slice(0, needed);
  const surplus = [...coming, ...ready].slice(0, Math.max(0, good.length - target));
  const retire = [...outdated.filter((node) => !stopgaps.includes(node)), ...surplus].filter(canRetire);

  const missing = Math.max(0, target - good.length);
  const uncovered = Math.max(0, missing - stopgaps.length);
  const atOnce = Math.max(1, Math.ceil(target * SHARE_AT_ONCE));
  const replacing = Math.max(0, Math.min(missing - uncovered, atOnce - coming.length));

  const standing = stopgaps.filter(isReady);
  const complete = ready.length + standing.length >= target;
  return {
    launch: uncovered + replacing,
    retire,
    giveUp: complete && replacing > 0 ? (standing.at(-1) ?? null) : null,
  };
}

function newestReadyFirst(nodes: readonly Node[]): Node[] {
  const newest = nodes.toReversed();
  return [...newest.filter(isReady), ...newest.filter((node) => !isReady(node))];
}

/** A node whose agent is away may come back, and counts as on its way. */
function isReady({ state, disconnected_at: away }: Node): boolean {
  return state === 'ready' && away === null;
}

/** While a launch is under way nobody may remove the node; it is retired once the cloud has answered. */
function canRetire({ state }: Node): boolean {
  return state !== 'planned' && state !== 'launching';
}
