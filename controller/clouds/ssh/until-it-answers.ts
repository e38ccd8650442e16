import { setTimeout } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';

const PAUSE_MS = 1000;

/** Makes the call again and again while the host is not to be reached: it may be booting. What is refused for good ends it at once. */
export async function untilItAnswers<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !(error instanceof FootmanError) || error.code !== 'cloud-unavailable')
        throw error;
      // The last complaint says more than that time is up.
      await setTimeout(PAUSE_MS, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}
