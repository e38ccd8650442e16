import { describe, expect, test } from 'vitest';
import { slotFreeAt } from './quota-estimate.ts';
import { MINUTE, NOW } from './test-support.ts';

describe('slots come free', () => {
  const slots = {
    held: [NOW - 2 * MINUTE, NOW - 7 * MINUTE],
    holdMs: 10 * MINUTE,
    startMs: MINUTE,
    now: NOW,
  };

  test.each([
    ['the oldest job ends first', 0, 3 * MINUTE],
    ['the next one is for the second in the queue', 1, 8 * MINUTE],
    ['then come those that took these slots, a start and a job later', 2, 14 * MINUTE],
    ['and so on, round by round', 5, 30 * MINUTE],
  ])('%s', (_, ahead, expected) => {
    expect(slotFreeAt({ ...slots, ahead }) - NOW).toBe(expected);
  });

  test('a job that takes longer than usual may end at any moment', () => {
    expect(slotFreeAt({ ...slots, held: [NOW - 60 * MINUTE], ahead: 0 })).toBe(NOW);
  });
});
