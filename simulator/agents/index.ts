/** What happens on nodes: agents connect, run their jobs, and get lost. */
export { createAgents, type Agents } from './agents.ts';
