/** Time, as the controller's loops see it; tests put a hand-driven one in its place. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after so many milliseconds. Returns what calls it off. */
  after(ms: number, action: () => void): () => void;
}

/** A longer timer of Node.js fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. A timer of it never keeps the process alive. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    after(ms, action) {
      let timer: NodeJS.Timeout;
      arm(ms);
      return () => clearTimeout(timer);

      function arm(left: number): void {
        const next = left > LONGEST_TIMER_MS ? () => arm(left - LONGEST_TIMER_MS) : action;
        timer = setTimeout(next, Math.min(left, LONGEST_TIMER_MS)).unref();
      }
    },
  };
}
