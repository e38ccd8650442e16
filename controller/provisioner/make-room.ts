import type { Node } from '#controller/store';
import type { Draft } from './draft.ts';
import type { InTheWay } from './in-the-way.ts';

/**
 * Idle nodes give way to jobs that wait for the room that they take: a pool is for jobs that may come, and never keeps one that is there
 * from its node (I8). For each such job one node goes, the farthest from any job first; and none where one is going anyway.
 *
 * @param crowded for each of these jobs, what takes up the room that it lacks
 * @param spare nodes that no job's request wants, the nearest to a job first
 * @returns the nodes that stay
 */
export function makeRoom(
  { situation, plan }: Draft,
  crowded: readonly InTheWay[],
  spare: readonly Node[],
): Node[] {
  if (!spare.some(canGo)) return [...spare];
  const stay = [...spare];
  const going = situation.nodes.filter(isGoing);
  for (const isInTheWay of crowded) {
    const expected = going.findIndex(isInTheWay);
    if (expected !== -1) {
      going.splice(expected, 1);
      continue;
    }
    const index = stay.findLastIndex((node) => canGo(node) && isInTheWay(node));
    for (const node of index === -1 ? [] : stay.splice(index, 1))
      plan.retire.push({ node, reason: 'a job waits for its place' });
  }
  return stay;
}

/** One that its cloud does not remove may stay for long. */
function isGoing({ state, removal_failures: failures }: Node): boolean {
  return state === 'failed' || (state === 'deleting' && failures === 0);
}

/** While a launch is under way nobody may remove the node. */
function canGo({ state }: Node): boolean {
  return state !== 'planned' && state !== 'launching';
}
