import { setTimeout as sleep } from 'node:timers/promises';
import { FootmanError } from '#shared/errors';
import { ATTEMPTS } from '../timeouts.ts';

const BASE_MS = 100;
const CAP_MS = 2000;

/** Makes a small request again while the storage is in trouble, a few times. Those who failed together don't come back together ("full jitter"). */
export async function withRetries<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      const passing = error instanceof FootmanError && error.code === 'storage-unavailable';
      if (!passing || tries === ATTEMPTS) throw error;
      await sleep(Math.random() * Math.min(CAP_MS, BASE_MS * 2 ** tries), undefined, { signal });
    }
  }
}
