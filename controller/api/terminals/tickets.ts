import { randomBytes } from 'node:crypto';
import type { Clock } from '#controller/clock';
import { FootmanError } from '#shared/errors';
import type { ChannelUse } from '#shared/protocol';

/** What a ticket is good for. */
export interface Admission {
  holdId: string;
  /** Name of the token that it was given for. */
  subject: string;
  use: ChannelUse;
}

/**
 * What opens one terminal: a browser can't send a token with a WebSocket, and addresses end up in logs. A ticket is good once and for moments, and
 * says nothing by itself.
 */
export interface Tickets {
  /** @throws FootmanError `too-many-requests` */
  issue(admission: Admission): { ticket: string; expiresAt: number };
  /** Undefined for one that was never given, was taken before, or is too old. */
  redeem(ticket: string): Admission | undefined;
}

const GOOD_MS = 30_000;
/** Given and not yet taken. */
const MOST = 1000;

export function createTickets(clock: Clock): Tickets {
  // In the order of their making, which is that of their ends.
  const open = new Map<string, Admission & { expiresAt: number }>();

  return {
    issue(admission) {
      forgetOld();
      if (open.size >= MOST)
        throw new FootmanError('too-many-requests', 'too many terminals are about to be opened; try again');
      const ticket = randomBytes(32).toString('base64url');
      const expiresAt = clock.now() + GOOD_MS;
      open.set(ticket, { ...admission, expiresAt });
      return { ticket, expiresAt };
    },
    redeem(ticket) {
      forgetOld();
      const admission = open.get(ticket);
      open.delete(ticket);
      return admission;
    },
  };

  function forgetOld(): void {
    for (const [ticket, { expiresAt }] of open) {
      if (expiresAt > clock.now()) return;
      open.delete(ticket);
    }
  }
}
