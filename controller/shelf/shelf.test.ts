import { expect, test } from 'vitest';
import { createShelf } from './index.ts';

const KEYS = ['a', 'b', 'c'];

test('what was not used for longest goes first', () => {
  const shelf = createShelf<string[]>(4, ({ length }) => length);
  shelf.put('a', ['1', '2']);
  shelf.put('b', ['3', '4']);
  expect(shelf.take('a')).toEqual(['1', '2']);
  shelf.put('c', ['5']);
  expect(KEYS.filter((key) => shelf.take(key) !== undefined)).toEqual(['a', 'c']);
});

test('what is put again counts once', () => {
  const shelf = createShelf<string[]>(4, ({ length }) => length);
  for (const key of ['a', 'b', 'b', 'b']) shelf.put(key, ['1', '2']);
  expect(KEYS.filter((key) => shelf.take(key) !== undefined)).toEqual(['a', 'b']);
});

test('what is too large alone is not kept', () => {
  const shelf = createShelf<string[]>(1, ({ length }) => length);
  shelf.put('a', ['1', '2']);
  expect(shelf.take('a')).toBeUndefined();
  shelf.put('b', ['3']);
  expect(shelf.take('b')).toEqual(['3']);
});
