import { messageOf } from '#shared/errors';
import { fullJitter } from './backoff.ts';
import { attempt, type Outcome, type Transfer } from './request.ts';

export type { Transfer } from './request.ts';

/** Some twenty seconds on average: a controller that is started anew on a busy machine takes several. */
const ATTEMPTS = 12;
const BACKOFF = { baseMs: 200, capMs: 5_000 };

/**
 * Makes the request until it succeeds, tells that it never will, or was tried often enough.
 *
 * @throws Error with the last reason
 */
export async function requestWithRetries(transfer: Transfer, signal: AbortSignal): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  for (let tries = 1; ; tries++) {
    const outcome = await attempt(transfer, signal).catch((error: unknown): Outcome => ({
      ok: false,
      again: true,
      reason: messageOf(error),
    }));
    signal.throwIfAborted();
    if (outcome.ok) return;
    if (!outcome.again || tries === ATTEMPTS) throw new Error(outcome.reason);
    await sleep(fullJitter(BACKOFF, tries), undefined, { signal });
  }
}
