import { describe, expect, test } from 'vitest';
import { due, type Pressure, type Waiting } from './teardown.ts';
import type { TeardownSettings } from './teardown-settings.ts';

const MINUTE = 60_000;
const NOW = 100 * MINUTE;
const SETTINGS: TeardownSettings = {
  maxStopped: 3,
  maxAgeMs: 10 * MINUTE,
  minFreeDiskBytes: 1000,
  minFreeMemoryBytes: 100,
  idleMs: 2000,
  atOnce: 8,
};
const NO_PRESSURE: Pressure = {
  freeDiskBytes: 1000,
  freeMemoryBytes: 100,
  idleSince: null,
  wanted: () => null,
};

describe('until a threshold is reached, stopped nodes wait', () => {
  test('for as long as the oldest of them may', () => {
    const nodes = [stopped('a', NOW - 4 * MINUTE), stopped('b', NOW - MINUTE)];
    expect(due(nodes, NO_PRESSURE, SETTINGS, NOW)).toEqual({ now: [], next: NOW + 6 * MINUTE });
  });

  test('or until the machine has been idle for long enough', () => {
    const idle = { ...NO_PRESSURE, idleSince: NOW - 500 };
    expect(due([stopped('a')], idle, SETTINGS, NOW)).toEqual({ now: [], next: NOW + 1500 });
  });

  test('none waits where there is none', () => {
    const hard = { ...NO_PRESSURE, freeDiskBytes: 0, idleSince: 0 };
    expect(due([], hard, SETTINGS, NOW)).toEqual({ now: [], next: null });
  });
});

describe('one threshold lets all go', () => {
  const two = [stopped('a', NOW - 9 * MINUTE), stopped('b')];
  test.each<[string, Waiting[], Partial<Pressure>, RegExp]>([
    ['their number', ['a', 'b', 'c', 'd'].map((id) => stopped(id)), {}, /4 stopped nodes, more than 3/],
    ['the age of one', [stopped('a', NOW - 10 * MINUTE), stopped('b')], {}, /stopped 10m ago/],
    ['the disk', two, { freeDiskBytes: 999 }, /the disk has 999 B left, less than 1000 B/],
    ['the memory', two, { freeMemoryBytes: 99 }, /99 B of memory left/],
    ['idleness', two, { idleSince: NOW - 2000 }, /nothing else to do/],
  ])('%s', (_, nodes, pressure, reason) => {
    const decision = due(nodes, { ...NO_PRESSURE, ...pressure }, SETTINGS, NOW);
    expect(decision.now.map(({ node }) => node)).toEqual(nodes);
    for (const each of decision.now) expect(each.reason).toMatch(reason);
    expect(decision.next).toBeNull();
  });

  test('with none allowed to wait, each goes at once', () => {
    const decision = due([stopped('a')], NO_PRESSURE, { ...SETTINGS, maxStopped: 0 }, NOW);
    expect(decision.now).toHaveLength(1);
  });
});

describe('some go by themselves', () => {
  test('those whose place somebody wants', () => {
    const crowded = { ...NO_PRESSURE, wanted: ({ id }: Waiting) => (id === 'a' ? 'docker is full' : null) };
    const decision = due([stopped('a'), stopped('b')], crowded, SETTINGS, NOW);
    expect(decision.now).toMatchObject([{ node: { id: 'a' }, reason: 'docker is full' }]);
    expect(decision.next).toBe(NOW + 10 * MINUTE);
  });

  test('a static host is free for the next as soon as may be', () => {
    const decision = due([{ ...stopped('a'), host: 'rack-1' }, stopped('b')], NO_PRESSURE, SETTINGS, NOW);
    expect(decision.now.map(({ node }) => node.id)).toEqual(['a']);
  });

  test('L6: one that its cloud does not remove hurries nobody but itself', () => {
    const stuck = { ...stopped('a', NOW - 60 * MINUTE), removal_failures: 7 };
    const decision = due([stuck, stopped('b')], NO_PRESSURE, SETTINGS, NOW);
    expect(decision.now.map(({ node }) => node.id)).toEqual(['a']);
  });
});

test('one that could not be stopped waits no longer than the others', () => {
  const node = { ...stopped('a'), stopped_at: null, state_since: NOW - 10 * MINUTE };
  expect(due([node], NO_PRESSURE, SETTINGS, NOW).now).toHaveLength(1);
});

function stopped(id: string, at = NOW): Waiting {
  return {
    id,
    cloud: 'docker',
    template: 'debian',
    host: null,
    state_since: at,
    stopped_at: at,
    removal_failures: 0,
  };
}
