/** Agents' sessions: who may come in, and the jobs that are driven over their connections. */
export { AGENT_PATH, createGateway, type Gateway } from './gateway.ts';
export type { LeaseLimits } from './limits.ts';
export type { HeldFacts, HeldNodes, NodeChannel, ProcessEnd } from './node-channel.ts';
export { createLostAgents, type LostAgents } from './lost-agents.ts';
export { createAgentTokens, type AgentTokens } from './tokens.ts';
