import type { Clock } from './clock.ts';

/** Time that passes only when the test says so. */
export interface HandClock extends Clock {
  pass(ms: number): void;
}

export function createHandClock(): HandClock {
  let time = 1_000_000;
  const timers = new Set<{ at: number; action(): void }>();
  return {
    now: () => time,
    after(ms, action) {
      const timer = { at: time + ms, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      time += ms;
      for (const timer of timers) if (timer.at <= time && timers.delete(timer)) timer.action();
    },
  };
}
