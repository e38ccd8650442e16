import { setTimeout as sleep } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';

/** How long a controller may be away, as while it is restarted, before a follower gives up. */
const PATIENCE_MS = 300_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

/**
 * Goes on with a stream over lost connections: `open` is called again, from where its items left off, until one of them ends by itself.
 * An answer that is an error of the request's own is thrown at once.
 */
export async function* resuming<T>(open: () => AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  let lostAt: number | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      for await (const item of open()) {
        lostAt = undefined;
        pauseMs = FIRST_PAUSE_MS;
        yield item;
      }
      return;
    } catch (error) {
      if (signal.aborted || !isLost(error)) throw error;
      lostAt ??= Date.now();
      if (Date.now() - lostAt > PATIENCE_MS) throw error;
    }
    await sleep(pauseMs, undefined, { signal });
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/** Whether the connection failed, rather than the request. */
function isLost(error: unknown): boolean {
  return !(error instanceof FootmanError) || error.code === 'controller-unreachable';
}
