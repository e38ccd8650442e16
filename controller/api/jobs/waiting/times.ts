import { formatDuration } from '#shared/quantity';

/** Points in time and spans, as sentences for people name them. */
export interface Times {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `12:04`, `12:04:10` when that is near, `2026-02-01 12:04` on another day; with ` UTC` for those who named no time zone. */
  at(time: number): string;
  /** `17s`, `1m30s`; from ten seconds on without tenths. */
  span(milliseconds: number): string;
}

/** Nearer than that the seconds matter. */
const NEAR_MS = 10 * 60_000;

/** @throws RangeError for a time zone that there is not */
export function createTimes(now: number, timeZone: string | undefined): Times {
  // Sweden writes dates as ISO 8601 has them.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timeZone ?? 'UTC',
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const [today] = split(now);

  return {
    now,
    at(time) {
      const [day, clock] = split(time);
      const near = Math.abs(time - now) < NEAR_MS;
      const text = near ? clock : clock.slice(0, -':00'.length);
      return `${day === today ? '' : `${day} `}${text}${timeZone === undefined ? ' UTC' : ''}`;
    },
    span: (milliseconds) =>
      formatDuration(milliseconds < 10_000 ? milliseconds : Math.round(milliseconds / 1000) * 1000),
  };

  function split(time: number): [day: string, clock: string] {
    const [day = '', clock = ''] = format.format(time).split(' ');
    return [day, clock];
  }
}
