import type { NodeLife } from '#controller/store';

/**
 * How a start is told apart, in the order of time:
 *
 * `wait`     from the request to the plan: quotas, rates and breakers
 * `launch`   until the cloud has accepted the node, or its agent dialled in before that
 * `connect`  until its agent has dialled in
 * `check`    until it is ready
 */
export const START_PHASES = ['wait', 'launch', 'connect', 'check'] as const;
export type StartPhase = (typeof START_PHASES)[number];

/** How long a node took to be ready, in milliseconds. `total` is from request to ready, the sum of all phases. */
export interface Start extends Record<StartPhase, number> {
  total: number;
}

/** Null while it is not ready. Never negative: a quick agent dials in before the cloud has answered, and clocks are set. */
export function startOf(node: NodeLife): Start | null {
  const { requested_at: requestedAt, created_at: planned, ready_at: ready } = node;
  if (ready === null) return null;
  const requested = Math.min(requestedAt ?? planned, planned);
  const connected = between(planned, node.connected_at ?? ready, ready);
  const accepted = between(planned, node.launched_at ?? connected, connected);
  return {
    wait: planned - requested,
    launch: accepted - planned,
    connect: connected - accepted,
    check: Math.max(0, ready - connected),
    total: Math.max(planned, ready) - requested,
  };
}

function between(least: number, value: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
