import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseVariables } from './variables-file.ts';

describe('values', () => {
  test.each([
    ['name=value\n', { name: 'value' }],
    ['name=value', { name: 'value' }],
    ['a=1\nb=2\n', { a: '1', b: '2' }],
    ['a=1\r\nb=2\r\n', { a: '1', b: '2' }],
    ['a=1\na=2\n', { a: '2' }],
    ['empty=\n', { empty: '' }],
    ['equation=a=b\n', { equation: 'a=b' }],
    ['heredoc=a<<b\n', { heredoc: 'a<<b' }],
    ['spaces= x \n\n\n', { spaces: ' x ' }],
    ['many<<END\none\ntwo\nEND\n', { many: 'one\ntwo' }],
    ['many<<END\nEND\nb=1\n', { many: '', b: '1' }],
    ['many<<END\na=1\n b<<X\nEND\n', { many: 'a=1\n b<<X' }],
    ['a-b=1\n', { 'a-b': '1' }],
    ['', {}],
  ])('of %j', (text, values) => {
    expect(parseVariables(text)).toEqual({ values, problems: [] });
  });
});

describe('a bad line is told, and the good ones count', () => {
  test.each([
    ['a=1\noops\nb=2\n', 'line 2 is neither name=value nor name<<DELIMITER'],
    ['a=1\n9lives=x\nb=2\n', 'line 2: "9lives" is no name; use letters, digits, _ and -'],
    ['a=1\n=x\nb=2\n', 'line 2: "" is no name; use letters, digits, _ and -'],
    ['a=1\nb=2\nc=\0\n', 'line 3: the value of c holds a NUL byte'],
    ['a=1\nb=2\nc<<END\nx\n', 'line 3: the value of "c" has no end; it needs a line "END"'],
  ])('in %j', (text, problem) => {
    expect(parseVariables(text)).toEqual({ values: { a: '1', b: '2' }, problems: [problem] });
  });
});

test('names that an object has of its own are names like others', () => {
  expect(parseVariables('__proto__=1\nconstructor=2\n').values).toHaveProperty('constructor', '2');
});

test('any value survives as a heredoc', () => {
  const value = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\0]|END/.test(text));
  fc.assert(
    fc.property(value, (text) => {
      expect(parseVariables(`x<<END\n${text}\nEND\n`)).toEqual({ values: { x: text }, problems: [] });
    }),
  );
});
