/** How long nodes may take, in milliseconds: the controller's own defaults. */
export const TIMEOUTS = {
  launchMs: 120_000,
  connectMs: 120_000,
  checkMs: 60_000,
  agentLostMs: 60_000,
} as const;
