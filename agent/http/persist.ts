import { messageOf } from '#shared/errors';
import type { PresignedRequest } from '#shared/protocol';
import { fullJitter } from './backoff.ts';
import type { Outcome } from './outcome.ts';
import type { Patience } from './patience.ts';
import type { Transfer } from './request.ts';
import { TransferError } from './transfer-error.ts';
import type { Transport } from './transport.ts';

/** A transfer that is worth some patience. */
export interface Task extends Transfer {
  transport: Transport;
  patience: Patience;
  /** Asks for a request that has not expired. */
  renew?(): Promise<PresignedRequest>;
}

const BACKOFF = { baseMs: 200, capMs: 5_000 };

/**
 * Makes the request until it succeeds, tells that it never will, or the patience ends. One that is not accepted is renewed once.
 *
 * @throws TransferError with the last reason, or the one that `body` or `receive` threw; the signal's reason
 */
export async function persist(task: Task, signal: AbortSignal): Promise<void> {
  const { transport, patience, renew } = task;
  const { setTimeout: sleep } = await import('node:timers/promises');
  let transfer: Transfer = task;
  let isRenewed = false;
  for (let tries = 1; ; tries++) {
    const outcome = await transport.attempt(transfer, signal).catch(brokenOff);
    signal.throwIfAborted();
    if (outcome.kind === 'done') return patience.succeeded();
    if (outcome.kind === 'expired' && renew !== undefined && !isRenewed) {
      transfer = { ...task, request: await renew() };
      isRenewed = true;
      continue;
    }
    // Where a fresh request is not accepted either, it is who signs them that has the wrong credentials: another time it may have others.
    if (outcome.kind !== 'again' || !patience.failed(outcome.reason))
      throw new TransferError(outcome.reason, outcome.kind !== 'refused');
    await sleep(fullJitter(BACKOFF, tries), undefined, { signal });
  }
}

function brokenOff(error: unknown): Outcome {
  if (error instanceof TransferError) throw error;
  return { kind: 'again', reason: messageOf(error) };
}
