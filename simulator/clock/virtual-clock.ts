import type { Clock } from '#controller/clock';
import { createTimers } from './timers.ts';

export interface VirtualClock extends Clock {
  /**
   * Lets time pass until `done` says so or nothing is due any more. Whatever follows from an instant happens before the next one comes:
   * code that waits for promises only, and for this clock, takes no time at all.
   */
  run(done: () => boolean): Promise<void>;
}

/** Timers go off in the order of their time, those of one instant in the order of their making: a run is the same each time. */
export function createVirtualClock(startMs: number): VirtualClock {
  const timers = createTimers();
  let now = startMs;

  return {
    now: () => now,
    after(ms, action) {
      // Never early: who asks again too soon would ask for ever, for the time would stay the same.
      const timer = timers.add(now + Math.max(0, Math.ceil(ms)), action);
      return () => timers.callOff(timer);
    },
    async run(done) {
      for (;;) {
        await settled();
        const next = timers.next();
        if (next === null || done()) return;
        now = next;
        // What is due at one instant goes off together, so that loops that it wakes run once for all of it.
        for (let timer = timers.take(now); timer !== undefined; timer = timers.take(now)) timer.action();
      }
    },
  };
}

/** Resolves when every promise that could settle has done so: the next macrotask comes after all microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
