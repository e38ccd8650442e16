/** Who comes first when nodes are scarce. */
export { atMaxNodes } from './at-max-nodes.ts';
export { createHeap, type Heap } from './heap.ts';
export { orderQueue } from './order-queue.ts';
export { projectOf } from './project-of.ts';
export { createTurns, type Turns } from './turns.ts';
export type { ProjectShare, ProjectUsage, Waiting } from './waiting.ts';
