import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PoolWindow } from '#controller/fleet';
import { isOpen, nextChange, openWindow } from './window.ts';

const MINUTE_MS = 60_000;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

describe('a window', () => {
  test.each([
    ['08:00 to 18:00', 480, 1080, { '07:59': false, '08:00': true, '17:59': true, '18:00': false }],
    ['22:00 to 06:00', 1320, 360, { '21:59': false, '22:00': true, '05:59': true, '06:00': false }],
    ['18:00 to 24:00', 1080, 1440, { '18:00': true, '23:59': true, '00:00': false }],
    ['00:00 to 24:00', 0, 1440, { '00:00': true, '12:00': true, '23:59': true }],
    ['24:00 to 01:00', 1440, 60, { '23:59': false, '00:00': true, '00:59': true, '01:00': false }],
  ])('%s', (_, from, to, expected) => {
    const window = windowOf({ from, to, timeZone: 'Europe/Zurich' });
    const actual = Object.keys(expected).map((time) => [
      time,
      isOpen(window, at(`2026-03-04T${time}+01:00`)),
    ]);
    expect(Object.fromEntries(actual)).toEqual(expected);
  });

  test('that goes on after midnight belongs to the day on which it begins', () => {
    const fridays = windowOf({ days: [5], from: 1320, to: 360 });
    expect(isOpen(fridays, at('2026-03-06T23:00Z'))).toBe(true);
    expect(isOpen(fridays, at('2026-03-07T05:00Z'))).toBe(true);
    expect(isOpen(fridays, at('2026-03-06T05:00Z'))).toBe(false);
    expect(isOpen(fridays, at('2026-03-07T23:00Z'))).toBe(false);
  });

  test('keeps to the clocks on the wall when they change', () => {
    const morning = windowOf({ from: 480, to: 540, timeZone: 'Europe/Zurich' });
    expect(nextChange([morning], at('2026-03-28T10:00Z'))).toBe(at('2026-03-29T01:00Z'));
    expect(nextChange([morning], at('2026-03-29T01:00Z'))).toBe(at('2026-03-29T06:00Z'));
    expect(isOpen(morning, at('2026-03-28T07:00Z'))).toBe(true);
    expect(isOpen(morning, at('2026-03-29T07:00Z'))).toBe(false);
    expect(isOpen(morning, at('2026-03-29T06:00Z'))).toBe(true);
  });

  test('of an hour that comes twice is open twice', () => {
    const repeated = windowOf({ from: 150, to: 165, timeZone: 'Europe/Zurich' });
    expect(isOpen(repeated, at('2026-10-25T00:30Z'))).toBe(true);
    expect(isOpen(repeated, at('2026-10-25T01:00Z'))).toBe(false);
    expect(isOpen(repeated, at('2026-10-25T01:30Z'))).toBe(true);
  });
});

test('the first window that is open counts', () => {
  const [lunch, day] = [windowOf({ from: 720, to: 780 }), windowOf({ from: 480, to: 1080 })];
  expect(openWindow([lunch, day], at('2026-03-04T12:30Z'))).toBe(lunch);
  expect(openWindow([lunch, day], at('2026-03-04T13:00Z'))).toBe(day);
  expect(openWindow([lunch, day], at('2026-03-04T18:00Z'))).toBeUndefined();
});

test('without windows nothing changes', () => {
  expect(nextChange([], 0)).toBeNull();
});

test('is open when the clocks on the wall show one of its hours, as Intl reads them', () => {
  fc.assert(
    fc.property(anyWindow(), anyInstant(), (window, now) => {
      expect(isOpen(window, now)).toBe(isOpenByIntl(window, now));
    }),
    { numRuns: 500 },
  );
});

test('between now and the next change nothing opens or closes, and windows do change', () => {
  fc.assert(
    fc.property(fc.array(anyWindow(), { minLength: 1, maxLength: 3 }), anyInstant(), (schedule, now) => {
      const next = nextChange(schedule, now) ?? Infinity;
      const opened = openWindow(schedule, now);
      expect(next).toBeGreaterThan(now);
      expect(next).toBeLessThanOrEqual(now + 8 * 24 * 60 * MINUTE_MS);
      const start = Math.floor(now / MINUTE_MS) * MINUTE_MS;
      for (let then = start + 5 * MINUTE_MS; then < next; then += 5 * MINUTE_MS)
        if (openWindow(schedule, then) !== opened) throw new Error(new Date(then).toISOString());
      expect(openWindow(schedule, next - 1)).toBe(opened);
    }),
    { numRuns: 60 },
  );
});

function windowOf(window: Partial<PoolWindow>): PoolWindow {
  return { days: EVERY_DAY, from: 0, to: 60, timeZone: 'UTC', minReady: 1, ...window };
}

function at(text: string): number {
  return Temporal.Instant.from(text).epochMilliseconds;
}

function anyWindow(): fc.Arbitrary<PoolWindow> {
  const days = fc.subarray(EVERY_DAY, { minLength: 1 });
  const minutes = fc.integer({ min: 0, max: 288 }).map((steps) => steps * 5);
  // Half an hour's change of the clocks, half an hour's distance from UTC, both hemispheres, none.
  const timeZone = fc.constantFrom('Europe/Zurich', 'Australia/Lord_Howe', 'America/St_Johns', 'UTC');
  return fc.record({ days, from: minutes, to: minutes, timeZone, minReady: fc.constant(1) });
}

/** Around the changes of the clocks as often as not. */
function anyInstant(): fc.Arbitrary<number> {
  const changes = ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-04-04T15:00Z', '2026-03-08T05:30Z'];
  const near = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -3000, max: 3000 }))
    .map(([change, minutes]) => at(change) + minutes * MINUTE_MS);
  return fc.oneof(near, fc.integer({ min: at('2020-01-01T00:00Z'), max: at('2035-01-01T00:00Z') }));
}

function isOpenByIntl({ days, from, to, timeZone }: PoolWindow, now: number): boolean {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    timeStyle: undefined,
    hour: '2-digit',
    minute: '2-digit',
  });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const today = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts['weekday'] ?? '') + 1;
  const minute = Number(parts['hour']) * 60 + Number(parts['minute']);
  const length = to > from ? to - from : to - from + 1440;
  return [0, 1, 2].some((ago) => {
    const day = ((today - 1 - ago + 14) % 7) + 1;
    const since = minute + ago * 1440 - from;
    return days.includes(day) && since >= 0 && since < length;
  });
}
