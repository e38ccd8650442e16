import type { PoolWindow } from '#controller/fleet';

/**
 * A window is open while the clocks on the wall, in its time zone, show a time of its hours: from `from` until just before `to`. One whose end
 * is not after its begin ends on the next day, and `days` are those on which it begins. So an hour that a change of the clocks repeats is
 * open twice, and one that it skips is not open at all.
 */
export function isOpen({ days, from, to, timeZone }: PoolWindow, now: number): boolean {
  const wall = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const minute = wall.hour * 60 + wall.minute;
  return BEGAN.some((offset) => {
    const begun = ((wall.dayOfWeek - 1 + offset + 7) % 7) + 1;
    const since = minute - offset * MINUTES_OF_DAY;
    return days.includes(begun) && since >= from && since < endOf(from, to);
  });
}

/** The first window of the schedule that is open. */
export function openWindow(schedule: readonly PoolWindow[], now: number): PoolWindow | undefined {
  return schedule.find((window) => isOpen(window, now));
}

/**
 * When the schedule is to be looked at again, in milliseconds since the epoch: until then no window opens or closes. Null where none ever
 * does.
 */
export function nextChange(schedule: readonly PoolWindow[], now: number): number | null {
  const changes = schedule.flatMap((window) => changesOf(window, now)).filter((at) => at > now);
  return changes.length === 0 ? null : Math.min(...changes);
}

const MINUTES_OF_DAY = 24 * 60;

/** A window that is open now began today or yesterday. */
const BEGAN = [0, -1];

/** Days whose begins and ends may be the next ones: one that just began ends two days later; the same weekday comes again in a week. */
const NEAR_DAYS = Array.from({ length: 11 }, (_, index) => index - 2);

/** Minutes since the midnight before it begins. */
function endOf(from: number, to: number): number {
  return to > from ? to : to + MINUTES_OF_DAY;
}

function changesOf({ days, from, to, timeZone }: PoolWindow, now: number): number[] {
  const wall = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const today = wall.toPlainDate();
  const begins = NEAR_DAYS.map((offset) => today.add({ days: offset })).filter(({ dayOfWeek }) =>
    days.includes(dayOfWeek),
  );
  const edges = begins.flatMap((day) =>
    [from, endOf(from, to)].flatMap((minutes) => instantsOf(day, minutes, timeZone)),
  );
  const clockChange = wall.getTimeZoneTransition('next');
  return clockChange === null ? edges : [...edges, clockChange.epochMilliseconds];
}

/** All instants at which the clocks on the wall show it; two when it is repeated, or when it is skipped, the ones around. */
function instantsOf(day: Temporal.PlainDate, minutes: number, timeZone: string): number[] {
  const time = day.toPlainDateTime().add({ minutes });
  return (['earlier', 'later'] as const).map(
    (disambiguation) => time.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds,
  );
}
