import { retireUnleased } from '#controller/nodes';
import { liveNodes, type Db, type Node } from '#controller/store';
import { cordonIn, type Cordon, type CordonWish, type Deps } from './cordon.ts';
import { findTarget, isOf, type Target } from './target.ts';

export interface Drain {
  /** Null for a node that is being removed anyway. */
  cordon: Cordon | null;
  /** How many nodes this call has sent away. */
  retired: number;
  /** The target's nodes that are not yet gone: those with a job go when it ends, held ones when they are released. */
  left: Node[];
}

/**
 * Cordons the target and removes its nodes: those without a job at once, the others when their jobs have ended, for no node serves a second
 * one. Doing it again sends away what was on its way at that moment; the target is drained once nothing is left.
 *
 * @throws FootmanError `not-found` with the nearest names
 */
export function drainTarget({ journal, fleet }: Deps, wish: CordonWish): Promise<Drain> {
  return journal.commit(async (tx) => {
    const target = await findTarget({ db: tx.db, fleet }, wish.target);
    if (target.kind === 'node' && target.node.state === 'deleting')
      return { cordon: null, retired: 0, left: [target.node] };
    const cordon = await cordonIn(tx, target, wish);
    let retired = 0;
    for (const { id } of await nodesLeft(tx.db, target)) {
      if ((await retireUnleased(tx, id, `drained: ${cordon.reason}`)) !== undefined) retired += 1;
    }
    return { cordon, retired, left: await nodesLeft(tx.db, target) };
  });
}

/** What keeps the target from being drained, oldest first. */
async function nodesLeft(db: Db, target: Target): Promise<Node[]> {
  return (await liveNodes(db)).filter((node) => isOf(node, target));
}
