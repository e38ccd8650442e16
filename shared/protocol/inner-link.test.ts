import { expect, test } from 'vitest';
import { leadsInside } from './inner-link.ts';

test.each([
  ['tool', 'bin/tool'],
  ['a/b/c', '../../x'],
  ['a/b', '../a/./c'],
  ['a/b', '..'],
  ['a', 'b..c'],
])('the link %s -> %s stays inside', (path, target) => {
  expect(leadsInside(path, target)).toBe(true);
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
  expect(leadsInside(path, target)).toBe(false);
});
