import type { Node, NodeState } from '#controller/store';
import { formatDuration } from '#shared/quantity';

/** How long a node may stay in each state before it is ready, in milliseconds, counted from entering the state (L3). */
export interface NodeTimeouts {
  connectMs: number;
  checkMs: number;
  /** How long a ready node's agent may be without a connection. */
  agentLostMs: number;
}

/** When the node's stay in its state has lasted too long, and what to say then; null where nothing limits it. */
export function deadlineOf(node: Node, timeouts: NodeTimeouts): { at: number; reason: string } | null {
  if (node.state === 'ready') {
    if (node.disconnected_at === null) return null;
    return {
      at: node.disconnected_at + timeouts.agentLostMs,
      reason: `its agent was lost: no connection for ${formatDuration(timeouts.agentLostMs)}`,
    };
  }
  const limit = STATES[node.state];
  if (limit === undefined) return null;
  const ms = timeouts[limit.timeout];
  return { at: node.state_since + ms, reason: `${limit.sentence} within ${formatDuration(ms)}` };
}

const STATES: Partial<Record<NodeState, { timeout: keyof NodeTimeouts; sentence: string }>> = {
  connecting: { timeout: 'connectMs', sentence: 'its agent did not dial in' },
  checking: { timeout: 'checkMs', sentence: 'its checks did not end' },
};
