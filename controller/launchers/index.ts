/** How the agent gets onto a node: the runtime that clouds mount, copy or start in place. */
export { createRuntime } from './runtime.ts';
