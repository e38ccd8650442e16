import type { Template } from '#controller/fleet';
import type { Mishap } from '#controller/nodes';
import type { Node, NodeFailure, NodeState } from '#controller/store';
import { formatDuration } from '#shared/quantity';

/** How long a node may stay in each state before it is ready, in milliseconds, counted from entering the state (L3). */
export interface NodeTimeouts {
  connectMs: number;
  checkMs: number;
  /** How long a ready node's agent may be without a connection. */
  agentLostMs: number;
}

/** When the node's stay in its state has lasted too long, and what to say then; null where nothing limits it. */
export function deadlineOf(
  node: Node,
  template: Template | undefined,
  timeouts: NodeTimeouts,
): { at: number; mishap: Mishap } | null {
  if (node.state === 'ready') {
    if (node.disconnected_at === null) return null;
    const reason = `its agent was lost: no connection for ${formatDuration(timeouts.agentLostMs)}`;
    return { at: node.disconnected_at + timeouts.agentLostMs, mishap: { reason, failure: 'lost' } };
  }
  const limit = LIMITS[node.state];
  if (limit === undefined) return null;
  const own = node.state === 'checking' ? (template?.checks?.timeoutMs ?? 0) : 0;
  const ms = timeouts[limit.timeout] + own;
  const reason = `${limit.sentence} within ${formatDuration(ms)}`;
  return { at: node.state_since + ms, mishap: { reason, failure: limit.failure } };
}

/**
 * The soonest that the node may have stayed too long in a state that it has yet to enter. So nobody has to look at it at each of its steps:
 * whoever looks again at that time misses no deadline.
 */
export function soonestDeadline(
  { state }: Node,
  { connectMs, checkMs }: NodeTimeouts,
  now: number,
): number | null {
  if (state === 'planned' || state === 'launching') return now + Math.min(connectMs, checkMs);
  return state === 'connecting' ? now + checkMs : null;
}

interface Limit {
  timeout: keyof NodeTimeouts;
  sentence: string;
  failure: NodeFailure;
}

/** Checks have the time that they say themselves, and the controller's for getting the word to the agent and back. */
const LIMITS: Partial<Record<NodeState, Limit>> = {
  connecting: { timeout: 'connectMs', sentence: 'its agent did not dial in', failure: 'connect' },
  checking: { timeout: 'checkMs', sentence: 'its checks did not end', failure: 'check' },
};
