import { describe, expect, test } from 'vitest';
import { createMarks } from './marks.ts';

test('bytes have the time when they were read', () => {
  const marks = createMarks();
  marks.add(0, 1000);
  marks.add(10, 2000);
  expect(marks.at(0)).toEqual({ time: 1000, end: 10 });
  expect(marks.at(9)).toEqual({ time: 1000, end: 10 });
  expect(marks.at(10)).toEqual({ time: 2000, end: Infinity });
});

test('bytes of one time are not told apart', () => {
  const marks = createMarks();
  marks.add(0, 1000);
  marks.add(10, 1000);
  expect(marks.at(0).end).toBe(Infinity);
});

describe('with more times than there is room for', () => {
  test('the times get coarser, and every byte keeps one near its own', () => {
    const marks = createMarks(16);
    for (let line = 0; line < 1000; line++) marks.add(line * 10, line * 100);
    for (let line = 0; line < 1000; line++) {
      const { time, end } = marks.at(line * 10);
      expect(time).toBeLessThanOrEqual(line * 100);
      expect(line * 100 - time).toBeLessThan(1000 * 100 * (2 / 8));
      expect(end).toBeGreaterThan(line * 10);
    }
  });

  test('they can be walked from the first byte to the last', () => {
    const marks = createMarks(16);
    for (let line = 0; line < 1000; line++) marks.add(line * 10, line * 100);
    let pieces = 0;
    for (let offset = 0; offset !== Infinity; offset = marks.at(offset).end) pieces++;
    expect(pieces).toBeLessThanOrEqual(17);
  });
});
