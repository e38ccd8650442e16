import type { Node, NodeState } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { AgentClaims } from './tokens.ts';

/** Why a job ends whose machine has started anew by itself. */
export const UNEXPECTED_REBOOT = 'its machine rebooted unexpectedly';

/** What an agent's boot means for its node. */
export type BootVerdict =
  /** The node goes on in the boot that it serves in, or nobody can tell. */
  | { kind: 'same' }
  /** The reboot that was asked for has happened. */
  | { kind: 'rebooted'; from: string; to: string }
  /** The machine of a held node has started anew: whoever works on it may do that. `isRevived`: with a bootstrap of its own. */
  | { kind: 'anew'; to: string; isRevived: boolean }
  /** The machine has started anew, and nobody asked for it: what the job did there may be half done. */
  | { kind: 'unexpected' };

type Known = Pick<Node, 'state' | 'boot' | 'reboot_due_at' | 'bootstrap_used_at'>;

/**
 * Compares the boot that an agent says it runs in with that of its node.
 *
 * @throws FootmanError `agent-refused` for a token that is of another boot, or was used
 */
export function judgeBoot(known: Known, { use, boot }: AgentClaims, bootId: string | null): BootVerdict {
  if (use === 'reboot' && known.state === 'held') return afterRevival(known, boot, bootId);
  if (use === 'reboot') return afterReboot(known, boot, bootId);
  if (use === 'bootstrap' && wasUsed(known)) throw refused('the bootstrap token was used before');
  if (use === 'session' && boot !== null && known.boot !== null && boot !== known.boot)
    throw refused('its machine has been rebooted since');
  if (known.boot === null || bootId === null || bootId === known.boot) return { kind: 'same' };
  if (known.state === 'held') return { kind: 'anew', to: bootId, isRevived: false };
  if (known.reboot_due_at !== null)
    throw refused('its machine is being rebooted, and its token is of the boot before');
  return { kind: 'unexpected' };
}

/** What a bootstrap for the end of the boot `ended` is good for. */
function afterReboot(known: Known, ended: string | null, bootId: string | null): BootVerdict {
  if (ended === null || bootId === null || bootId === ended)
    throw refused('its machine has not been rebooted yet');
  if (known.boot === ended && known.reboot_due_at !== null)
    return { kind: 'rebooted', from: ended, to: bootId };
  // Its first connection may have broken before it had its session token.
  if (known.boot === bootId && known.bootstrap_used_at === null) return { kind: 'same' };
  throw refused('the bootstrap token was used before');
}

/** An agent that was started on a held node's machine after that had started anew. */
function afterRevival(known: Known, ended: string | null, bootId: string | null): BootVerdict {
  if (ended === null || bootId === null || bootId === ended)
    throw refused('its machine has not been rebooted yet');
  if (known.boot === ended) return { kind: 'anew', to: bootId, isRevived: true };
  // Its first connection may have broken before it had its session token.
  if (known.boot === bootId && known.bootstrap_used_at === null) return { kind: 'same' };
  throw refused('the bootstrap token was used before');
}

const SERVING: ReadonlySet<NodeState> = new Set(['ready', 'leased', 'uploading', 'held']);

/** Who is ready has answered, and answers with its session token ever after. */
function wasUsed({ state, bootstrap_used_at: usedAt }: Known): boolean {
  return usedAt !== null || SERVING.has(state);
}

function refused(why: string): FootmanError {
  return new FootmanError('agent-refused', why);
}
