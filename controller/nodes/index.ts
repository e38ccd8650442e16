/** Nodes: their life cycle, and the reaper that ends it. */
export { NODE_TRANSITIONS, UNLEASED, failNode, moveNode, retireNode } from './life-cycle.ts';
