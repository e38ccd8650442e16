import type { Outcome } from './outcome.ts';

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 15 * 60_000;
/** What refuses has to be asked more than once: permissions, and commits, take a while to reach all of a provider's servers. */
const MAX_REFUSALS = 3;
/** About a day. */
const MAX_FAILURES = 100;

type Failure = Exclude<Outcome, { kind: 'told' }>;

/**
 * When to try again after so many failures in a row, in milliseconds since the epoch; null is not at all. `random` is from 0 up to 1: those
 * that failed together must not come back together.
 */
export function retryAt(failure: Failure, failures: number, now: number, random: number): number | null {
  if (failures >= (failure.kind === 'refused' ? MAX_REFUSALS : MAX_FAILURES)) return null;
  const backoff = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS) * (0.5 + random / 2);
  const pause = failure.kind === 'later' ? (failure.pauseMs ?? 0) : 0;
  return now + Math.ceil(Math.max(backoff, pause));
}
