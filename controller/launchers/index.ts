/** How the agent gets onto a node: the runtime that clouds mount, copy or start in place, and what brings it over SSH. */
export type { Endpoints, RuntimeFolder } from './contract.ts';
export { checkNodeId, isNodeId } from './node-id.ts';
export { createRuntime } from './runtime.ts';
