/** Agents of held nodes: what they are told, and the channels that people use over their connections. */
export { createHeldAgents, type HeldAgents, type HeldAgentsDeps } from './held-agents.ts';
export type { HeldMessage } from './held-agent.ts';
