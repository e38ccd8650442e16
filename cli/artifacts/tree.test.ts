import { expect, test } from 'vitest';
import { folderOf } from './folder-of.ts';
import { staysInside } from './tree.ts';

test.each([
  ['tool', 'bin/tool'],
  ['a/b/c', '../../x'],
  ['a/b', '../a/./c'],
  ['a/b', '..'],
  ['a', 'b..c'],
])('the link %s -> %s stays inside', (path, target) => {
  expect(staysInside(path, target)).toBe(true);
});

test.each([
  ['a', '/etc/passwd'],
  ['a', '..'],
  ['a/b', '../../x'],
  // Where this leads depends on what `up` is.
  ['a/b/c', 'up/..'],
  ['a/b/c', '../up/../x'],
  ['a', ''],
  ['a', 'x\0y'],
  ['a', '..\\x'],
])('the link %s -> %s does not', (path, target) => {
  expect(staysInside(path, target)).toBe(false);
});

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
