import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandOf } from './shell-words.ts';

test('one word is a line of the shell, none is no command', () => {
  expect(commandOf(['cd /tmp && ls'])).toBe('cd /tmp && ls');
  expect(commandOf([])).toBeUndefined();
});

test('several words reach a command as they are', () => {
  const words = ['a b', "it's", '$HOME', '', 'x\ny', '*', '-n', 'A=1'];
  const line = commandOf(['printf', '%s\\0', ...words]) ?? '';
  expect(execFileSync('sh', ['-c', line]).toString()).toBe(words.map((word) => `${word}\0`).join(''));
});
