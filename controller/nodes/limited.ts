import type { Clock } from '#controller/clock';
import { formatDuration } from '#shared/quantity';

/** A call that does not heed its signal is given up so long after, in milliseconds. */
const PATIENCE_MS = 5000;

/**
 * Makes a call that may take `limitMs` milliseconds. Its signal aborts then, and when `signal` does; a call that goes on all the same is
 * left to itself: whatever a cloud does, nobody waits for it for ever (L6).
 */
export async function limited<T>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  const callOffs = [clock.after(limitMs, expire)];
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([call(limit.signal), givenUp]);
  } finally {
    signal.removeEventListener('abort', abort);
    for (const callOff of callOffs) callOff();
  }

  function expire(): void {
    end(new Error(`there was no answer within ${formatDuration(limitMs)}`));
  }

  function abort(): void {
    end(signal.reason);
  }

  function end(reason: unknown): void {
    if (limit.signal.aborted) return;
    limit.abort(reason);
    callOffs.push(clock.after(PATIENCE_MS, () => reject(reason)));
  }
}
