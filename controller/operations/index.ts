/** What an administrator does by hand: cordons, drains, and deletions of nodes. */
export { cordonTarget, standingCordons, uncordonTarget, type Cordon, type CordonWish } from './cordon.ts';
export { deleteNode, type Deletion } from './delete-node.ts';
export { drainTarget, nodesLeft, type Drain } from './drain.ts';
export { findTarget, type Target } from './target.ts';
