import type { Node } from '#controller/store';

/** What a pool does next, so that it has its target of good nodes. */
export interface Replacements {
  /** Nodes that stay for now: the good ones up to the target, outdated ones in the place of good ones that are not ready yet. */
  keep: Node[];
  /** Nodes that the pool can do without. */
  retire: Leaving[];
  /** How many there should be for now; more than `keep` has is to be launched. */
  wanted: number;
  /**
   * The outdated node to retire if the quota leaves no room for what is to be launched: a good one comes in its place. Null when that
   * would leave more than one node missing, and when nothing is to be replaced now.
   */
  giveUp: Leaving | null;
}

export interface Leaving {
  node: Node;
  reason: string;
}

/** The part of a pool that is replaced at a time: a pool that is outdated as a whole does not double, and its cloud is not flooded. */
const SHARE_AT_ONCE = 0.25;

/**
 * Brings a pool to its target, and replaces what is outdated, a part at a time. An outdated node goes only when good ones that are ready
 * make up the target without it; so replacing never makes a job wait, whatever keeps new nodes from coming: a breaker, a rate, a cordon.
 * The one exception is a full quota, where nothing could ever be replaced: there one outdated node at a time goes first (`giveUp`).
 *
 * Of what is too many, outdated nodes go first, then good ones from the end of the list. Nodes that are being launched stay until the
 * cloud has answered. A cordoned node is left alone, and counts for nothing.
 *
 * @param spare nodes of the template, ready or on their way, that no request wants; the nearest to a job first
 */
export function replacements(
  spare: readonly Node[],
  target: number,
  outdated: (node: Node) => { reason: string } | null,
): Replacements {
  const own = readyFirst(spare.filter(({ cordoned }) => cordoned === null));
  const good = own.filter((node) => outdated(node) === null);
  const old = own.flatMap((node) => {
    const why = outdated(node);
    return why === null ? [] : [{ node, reason: why.reason }];
  });

  const goodReady = good.filter(isReady).length;
  const stopgaps = old.slice(0, Math.max(0, target - goodReady));
  const surplus = good.slice(target).map((node) => ({ node, reason: 'no job wants it' }));
  const retire = [...old.slice(stopgaps.length), ...surplus].filter(({ node }) => canRetire(node));
  const leaving = new Set(retire.map(({ node }) => node));
  const keep = own.filter((node) => !leaving.has(node));

  const missing = Math.max(0, target - good.length);
  const uncovered = Math.max(0, missing - stopgaps.length);
  const atOnce = Math.max(1, Math.ceil(target * SHARE_AT_ONCE));
  const replaced = Math.max(0, Math.min(missing - uncovered, atOnce - (good.length - goodReady)));

  const standing = stopgaps.filter(({ node }) => isReady(node));
  const complete = goodReady + standing.length >= target;
  return {
    keep,
    retire,
    wanted: keep.length + uncovered + replaced,
    giveUp: complete && replaced > 0 ? (standing.at(-1) ?? null) : null,
  };
}

function readyFirst(nodes: readonly Node[]): Node[] {
  return [...nodes.filter(isReady), ...nodes.filter((node) => !isReady(node))];
}

/** A node whose agent is away may come back, and counts as on its way. */
function isReady({ state, disconnected_at: away }: Node): boolean {
  return state === 'ready' && away === null;
}

/** While a launch is under way nobody may remove the node. */
function canRetire({ state }: Node): boolean {
  return state !== 'planned' && state !== 'launching';
}
