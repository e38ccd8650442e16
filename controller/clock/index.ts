import { setTimeout as sleep } from 'node:timers/promises';

/** Time, as the controller's loops see it; tests put a hand-driven one in its place. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A longer timer of Node.js fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. A timer of it never keeps the process alive. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      for (let left = ms; left > 0; left -= LONGEST_TIMER_MS) {
        await sleep(Math.min(left, LONGEST_TIMER_MS), undefined, { signal, ref: false });
      }
    },
  };
}
