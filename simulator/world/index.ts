/** A controller's state in memory, and what its loops see of it. */
export type { Job } from './job.ts';
export { finishJob, submitJob } from './job-life.ts';
export { createWorldLedger } from './ledger.ts';
export { admit, failNode, retireUnleased } from './node-life.ts';
export { createWorldQueue } from './queue-store.ts';
export {
  addNode,
  createWorld,
  moveNode,
  patchNode,
  recordNode,
  type NodeListener,
  type World,
} from './world.ts';
