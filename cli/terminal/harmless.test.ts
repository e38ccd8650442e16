import { expect, test } from 'vitest';
import { harmless } from './harmless.ts';

test.each([
  ['straße/日本語 👍.txt', 'straße/日本語 👍.txt'],
  ['a\nb\tc\r', String.raw`a\nb\tc\r`],
  ['\u001b[2J\u009b2J\u007f', String.raw`\u001b[2J\u009b2J\u007f`],
  ['evil\u202etxt.exe', String.raw`evil\u202etxt.exe`],
])('%j is shown as %s', (text, shown) => {
  expect(harmless(text)).toBe(shown);
});
