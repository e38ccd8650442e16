import { expect, test } from 'vitest';
import { toMilliseconds } from './seconds.ts';

test.each([
  ['0.25', 250],
  ['1,234.5', 1_234_500],
  ['1,234,567', 1_234_567_000],
  ['0,25', 250],
  ['0,250', 250],
  ['1.234,5', 1_234_500],
  ['1.5E-4', 0],
  ['2e1', 20_000],
  ['.5', 500],
  [' 3 s', 3000],
  ['', null],
  ['.', null],
  ['-1', null],
  ['NaN', null],
  ['Infinity', null],
  ['1e300', null],
  ['0x10', null],
  ['1:30', null],
])('%j are %s ms', (text, milliseconds) => {
  expect(toMilliseconds(text)).toBe(milliseconds);
});
