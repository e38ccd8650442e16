import { describe, expect, test } from 'vitest';
import { parseLabels } from '#shared/labels';

describe('parseLabels', () => {
  test.each([
    ['', []],
    [' \t\n', []],
    ['one two three', ['one', 'two', 'three']],
    ['  linux\n  solaris-x86\t32bit.dot ', ['linux', 'solaris-x86', '32bit.dot']],
    ['linux "Solaris 10" "a,b" "x->y"', ['linux', 'Solaris 10', 'a,b', 'x->y']],
    ['b a "b" a', ['b', 'a']],
  ])('%j', (text, labels) => {
    expect(parseLabels(text)).toEqual(labels);
  });

  test.each([
    ['linux && docker', 'column 7: `&&` is not a label', 'quote'],
    ['linux !arm', 'column 7: `!` is not a label', 'quote'],
    ['linux, docker', 'column 1: `linux,` has a comma in it', 'separate labels by spaces'],
    ['linux,docker', 'column 1: `linux,docker` has a comma in it', '"linux,docker"'],
    ['"a""b"', 'column 4: a space is missing between two labels', ''],
    ['a "b', 'column 3: this quote is never closed', 'close'],
    [Array(129).fill('a').join(' '), 'column 257: a list has at most 128 labels', ''],
    [' '.repeat(65_537), 'column 1: the list has 65537 characters', ''],
  ])('refuses %.40j', (text, message, hint) => {
    expect(() => parseLabels(text)).toThrow(
      expect.objectContaining({
        code: 'label-invalid',
        message: expect.stringContaining(`label list, ${message}`),
        hint: expect.toSatisfy((given: string | undefined) => (given ?? '').includes(hint)),
      }),
    );
  });
});
