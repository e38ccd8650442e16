import { expect, test } from 'vitest';
import { folderOf } from './folder-of.ts';

test.each([
  ['test (a/b)', 'test (a_b)'],
  ['..', '_..'],
  ['.', '_.'],
  ['', '_'],
  ['../x', '.._x'],
  ['...', '...'],
])('the folder of %j is %j', (name, folder) => {
  expect(folderOf(name)).toBe(folder);
});
