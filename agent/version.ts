/** What the agent calls itself in its first message. */
export const AGENT_VERSION = '0.1.0';
