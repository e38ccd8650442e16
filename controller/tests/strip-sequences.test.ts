import { expect, test } from 'vitest';
import { stripSequences } from './strip-sequences.ts';

test.each([
  ['colours', '\u001b[1;31mred\u001b[0m \u009b32mgreen', 'red green'],
  ['links', '\u001b]8;;https://example.org\u0007here\u001b]8;;\u001b\\.', 'here.'],
  ['what moves the cursor', 'a\u001b[2K\u001b[1Gb\u001b(Bc\u001b7', 'abc'],
])('%s are taken out', (_, text, plain) => {
  expect(stripSequences(text)).toBe(plain);
});

test('a sequence without an end hides no text', () => {
  expect(stripSequences('\u001b]0;title\nthe failure')).toBe('0;title\nthe failure');
});

/** In quadratic time, each of them would take minutes. */
test.each(['\u001b]', '\u001b[', '\u001b[0;', '\u001b]a', '\u009b0', '\u001b(', '\u001b]\u001b['])(
  'a megabyte of %j is soon read',
  (piece) => {
    expect(stripSequences(piece.repeat(1024 * 1024)).length).toBeLessThanOrEqual(2 * 1024 * 1024);
  },
);
