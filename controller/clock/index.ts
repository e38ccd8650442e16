import { setTimeout as sleep } from 'node:timers/promises';

/** Time, as the controller's loops see it; tests put a hand-driven one in its place. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own clock. A timer of it never keeps the process alive. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
  };
}
