import { expect, test } from 'vitest';
import { average, nodesToLaunch } from './excess-workload.ts';

const nothing = { online: 0, available: 0, connecting: 0, queue: 0 };
const flat = { available: 0, connecting: 0, queue: 0, planned: 0 };

test('without any node the first look launches one, however short the average of the queue still is', () => {
  expect(nodesToLaunch({ ...nothing, queue: 8 }, { ...flat, queue: 0.8 }, 0)).toBe(1);
});

test('once a node is there, the average of the queue has to come up first', () => {
  const now = { ...nothing, online: 1, queue: 8 };
  expect(nodesToLaunch(now, { ...flat, queue: 0.5 }, 0)).toBe(0);
  expect(nodesToLaunch(now, { ...flat, queue: 2.17 }, 0)).toBe(2);
  expect(nodesToLaunch(now, { ...flat, queue: 8 }, 0)).toBe(8);
});

test('what is planned, or was until lately, counts in full; what connects only as long as it has done so', () => {
  const now = { ...nothing, online: 20, queue: 8, connecting: 4 };
  expect(nodesToLaunch(now, { ...flat, queue: 8, planned: 5 }, 0)).toBe(3);
  expect(nodesToLaunch(now, { ...flat, queue: 8, connecting: 1 }, 5)).toBe(2);
});

test('nothing is launched while an executor is free, or was until lately', () => {
  const now = { ...nothing, online: 20, queue: 8 };
  expect(nodesToLaunch({ ...now, available: 1 }, { ...flat, queue: 8 }, 0)).toBe(0);
  expect(nodesToLaunch(now, { ...flat, queue: 8, available: 0.2 }, 0)).toBe(0);
  expect(nodesToLaunch({ ...now, available: 8 }, { ...flat, queue: 8 }, 0)).toBe(0);
});

test('an average comes half the way in about a minute', () => {
  let value = 0;
  for (let step = 0; step < 6; step += 1) value = average(value, 1);
  expect(value).toBeCloseTo(0.47, 2);
});
