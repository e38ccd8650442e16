import { setTimeout as sleep } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';

/** How long a controller may be away, as while it is restarted, before a follower gives up. */
const PATIENCE_MS = 300_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

interface Options {
  signal: AbortSignal;
  patienceMs?: number;
}

/**
 * Goes on with a stream over lost connections: `open` is called again, from where its items left off, until one of them ends by itself.
 * It calls `connected` when the controller has answered: a stream may be silent for as long as it likes, but not away for ever. An answer
 * that is an error of the request's own is thrown at once.
 *
 * @throws FootmanError `controller-unreachable` when patience ends.
 */
export async function* resuming<T>(
  open: (connected: () => void) => AsyncIterable<T>,
  { signal, patienceMs = PATIENCE_MS }: Options,
): AsyncGenerator<T> {
  let lostAt: number | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  function connected(): void {
    lostAt = undefined;
    pauseMs = FIRST_PAUSE_MS;
  }
  for (;;) {
    try {
      yield* open(connected);
      return;
    } catch (error) {
      if (signal.aborted || !isLost(error)) throw error;
      lostAt ??= Date.now();
      if (Date.now() - lostAt >= patienceMs) throw lost(error);
    }
    await sleep(pauseMs, undefined, { signal });
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/** Whether the connection failed, rather than the request. */
function isLost(error: unknown): boolean {
  return !(error instanceof FootmanError) || error.code === 'controller-unreachable';
}

function lost(cause: unknown): FootmanError {
  if (cause instanceof FootmanError) return cause;
  return new FootmanError('controller-unreachable', 'the connection to the controller was lost', { cause });
}
