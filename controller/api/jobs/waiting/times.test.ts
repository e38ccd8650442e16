import { describe, expect, test } from 'vitest';
import { MINUTE, NOW, SECOND } from './test-support.ts';
import { createTimes } from './times.ts';

const TIMES = createTimes(NOW, undefined);

describe('times', () => {
  test.each([
    ['soon, to the second', NOW + 10 * SECOND, 'UTC', '12:00:10'],
    ['later, to the minute', NOW + 3 * 60 * MINUTE + 10 * SECOND, 'UTC', '15:00'],
    ['on another day, with its date', NOW + 24 * 60 * MINUTE, 'UTC', '2026-02-01 12:00'],
    ['in the zone of who asks', NOW + 10 * SECOND, 'Europe/Zurich', '13:00:10'],
    ['with the zone for who named none', NOW + 10 * SECOND, undefined, '12:00:10 UTC'],
  ])('%s', (_, time, timeZone, expected) => {
    expect(createTimes(NOW, timeZone).at(time)).toBe(expected);
  });

  test('spans of some length have no tenths', () => {
    expect([250, 9_400, 14_300, 90_000].map((ms) => TIMES.span(ms))).toEqual([
      '250ms',
      '9.4s',
      '14s',
      '1m30s',
    ]);
  });
});
