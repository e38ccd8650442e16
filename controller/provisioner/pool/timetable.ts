import type { PoolWindow } from '#controller/fleet';
import { nextChange, openWindow } from './window.ts';

/** What a schedule says of a moment. */
export interface Slot {
  window: PoolWindow | undefined;
  /** Until when nothing else is true, in milliseconds since the epoch; null is for ever. */
  until: number | null;
}

/** Reads schedules, each again only when something in it changes: planning asks at every pass, and time zones are slow to reckon with. */
export function createTimetable(): (schedule: readonly PoolWindow[], now: number) => Slot {
  const known = new WeakMap<readonly PoolWindow[], Slot & { from: number }>();

  return function slotOf(schedule, now) {
    const last = known.get(schedule);
    if (last !== undefined && last.from <= now && (last.until === null || now < last.until)) return last;
    const slot = { from: now, window: openWindow(schedule, now), until: nextChange(schedule, now) };
    known.set(schedule, slot);
    return slot;
  };
}
