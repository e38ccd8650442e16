import { expect, test } from 'vitest';
import { mayPass } from './client-wishes.ts';

test('of the environment of a client its language may pass', () => {
  expect(mayPass('LC_ALL', 'de_DE.UTF-8', {})).toBe(true);
  for (const name of ['PATH', 'LD_PRELOAD', 'BASH_ENV', 'LC_', 'LC_all', '__proto__'])
    expect(mayPass(name, 'x', {}), name).toBe(false);
  expect(mayPass('LANG', 'C\n', {})).toBe(false);
});

test('of names without number no more may pass than a message to the node has room for', () => {
  const passed: Record<string, string> = {};
  for (let index = 0; index < 1000; index += 1) {
    const name = `LC_${'A'.repeat(1 + (index % 30))}${String.fromCodePoint(65 + (index % 26))}`;
    if (mayPass(name, 'C', passed)) passed[name] = 'C';
  }
  expect(Object.keys(passed).length).toBeLessThanOrEqual(32);
  const [first = ''] = Object.keys(passed);
  expect(mayPass(first, 'de_DE', passed)).toBe(true);
});
