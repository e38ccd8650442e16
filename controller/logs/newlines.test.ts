import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterNewline, countNewlines, endsInLine } from './newlines.ts';

const TEXT = fc.array(fc.constantFrom(0x0a, 0x0b, 0x8a, 0x00, 0x09, 0xff, 0x41), { maxLength: 3000 });

test('newlines are counted as a naive loop does, wherever the bytes start in memory', () => {
  fc.assert(
    fc.property(TEXT, fc.nat(7), (bytes, shift) => {
      const memory = Buffer.alloc(bytes.length + shift, '\n');
      memory.set(bytes, shift);
      expect(countNewlines(memory.subarray(shift))).toBe(bytes.filter((byte) => byte === 0x0a).length);
    }),
  );
});

test('lanes do not overflow where everything is a newline', () => {
  for (const length of [1019, 1020, 1021, 1024, 5000]) {
    expect(countNewlines(Buffer.alloc(length, '\n'))).toBe(length);
  }
});

test('finds the place after the nth newline', () => {
  const text = Buffer.from('a\nbc\n\nd');
  expect([0, 1, 2, 3, 4].map((nth) => afterNewline(text, nth))).toEqual([0, 2, 5, 6, -1]);
});

test('knows an unfinished line', () => {
  expect(['', 'a', 'a\n', '\n', 'a\nb'].map((text) => endsInLine(Buffer.from(text)))).toEqual([
    false,
    true,
    false,
    false,
    true,
  ]);
});
