import { expect, test } from 'vitest';
import { createHandClock } from '../clock/test-support.ts';
import { addressGroup } from './address-group.ts';
import { createDoorman, type Visit } from './doorman.ts';

const clock = createHandClock();
const MINUTE = 60_000;

function come(doorman: ReturnType<typeof createDoorman>, address: string): Visit {
  const visit = doorman.arrive(address);
  if (typeof visit === 'string') throw new Error(visit);
  return visit;
}

function fail(doorman: ReturnType<typeof createDoorman>, address: string, times: number): void {
  for (let time = 0; time < times; time++) {
    const visit = come(doorman, address);
    visit.failed();
    visit.failed();
    visit.over();
  }
}

test('who fails twenty times waits until the first of these is ten minutes ago; others do not', () => {
  const doorman = createDoorman(clock);
  fail(doorman, '192.0.2.1', 19);
  clock.pass(MINUTE);
  fail(doorman, '192.0.2.1', 1);
  expect(doorman.arrive('192.0.2.1')).toBe('too many failed logins from 192.0.2.1: wait 9m');
  expect(doorman.arrive('192.0.2.2')).toBeTypeOf('object');
  clock.pass(9 * MINUTE);
  expect(doorman.arrive('192.0.2.1')).toBeTypeOf('object');
});

test('failures that lie far apart add up to nothing', () => {
  const doorman = createDoorman(clock);
  for (let time = 0; time < 50; time++) {
    fail(doorman, '192.0.2.1', 1);
    clock.pass(MINUTE);
  }
  expect(doorman.arrive('192.0.2.1')).toBeTypeOf('object');
});

test('no more than twenty of one address are waited for, and no more than a hundred of all', () => {
  const doorman = createDoorman(clock);
  const first = come(doorman, '192.0.2.1');
  for (let time = 1; time < 20; time++) come(doorman, '192.0.2.1');
  expect(doorman.arrive('192.0.2.1')).toContain('too many are logging in');
  first.over();
  first.over();
  come(doorman, '192.0.2.1');
  expect(doorman.arrive('192.0.2.1')).toContain('too many are logging in');
  for (let other = 0; other < 80; other++) come(doorman, `198.51.100.${other}`);
  expect(doorman.arrive('203.0.113.1')).toContain('too many are logging in');
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});
