/** How an agent's process ends, for whoever looks at its node; the controller goes by what was said on the connection. */
export const EXIT = {
  /** The lease ended: the node has served. */
  served: 0,
  /** Standard input ended before the bootstrap line: the launch was cut short. */
  notStarted: 2,
  /** The controller refused the agent. */
  refused: 3,
  /** No connection within the lease's grace. */
  lost: 4,
  /** A mistake in the agent itself. */
  internal: 70,
} as const;

/** The exit code of a process that a signal ended, as shells tell it. */
export const SIGNAL_EXITS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
