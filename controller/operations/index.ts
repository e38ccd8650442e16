/** What an administrator does by hand: cordons, drains, and deletions of nodes. */
export { cordonTarget, standingCordons, uncordonTarget, type CordonWish } from './cordon.ts';
export { deleteNode } from './delete-node.ts';
export { drainTarget } from './drain.ts';
