import { expect, test } from 'vitest';
import type { NodeFailure } from '#controller/store';
import { createLaunchHistory, type LaunchHistory } from './launch-history.ts';

const T = { cloud: 'docker', name: 'debian' };

test('nothing is said of start times before five are known', () => {
  const history = createLaunchHistory();
  start(history, 10, 20, 30, 40);
  expect(history.startMs(T, 0.5)).toBeNull();
  start(history, 50);
  expect(history.startMs(T, 0.5)).toBe(30);
});

test('a quantile is a start that was seen, in whatever order they came', () => {
  const history = createLaunchHistory();
  start(history, ...Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1));
  expect([0, 0.5, 0.95, 1].map((quantile) => history.startMs(T, quantile))).toEqual([1, 50, 95, 100]);
});

test('only the last 200 count', () => {
  const history = createLaunchHistory();
  start(history, ...Array.from({ length: 50 }, () => 9_000));
  start(history, ...Array.from({ length: 200 }, () => 100));
  expect(history.startMs(T, 1)).toBe(100);
});

test('failures have no start time', () => {
  const history = createLaunchHistory();
  fail(history, 'connect', 5);
  expect(history.startMs(T, 0.5)).toBeNull();
});

test('a template of which nothing is known is trusted, and one failure does not ruin it', () => {
  const history = createLaunchHistory();
  expect(history.successRate(T)).toBe(1);
  fail(history, 'launch', 1);
  expect(history.successRate(T)).toBeCloseTo(2 / 3);
  expect(history.successRate({ ...T, name: 'alpine' })).toBe(1);
});

test('one that has recovered is trusted again', () => {
  const history = createLaunchHistory();
  fail(history, 'check', 50);
  expect(history.successRate(T)).toBeLessThan(0.05);
  start(history, ...Array.from({ length: 50 }, () => 100));
  expect(history.successRate(T)).toBe(1);
});

test('refusals for want of room count for nothing, however many (L12)', () => {
  const history = createLaunchHistory();
  start(history, 10, 20, 30, 40, 50);
  fail(history, 'aborted', 1_000);
  expect(history.successRate(T)).toBe(1);
  expect(history.startMs(T, 0.5)).toBe(30);
});

function start(history: LaunchHistory, ...times: number[]): void {
  for (const startMs of times) history.note(T, { at: 0, failure: null, startMs });
}

function fail(history: LaunchHistory, failure: NodeFailure, times: number): void {
  for (let i = 0; i < times; i += 1) history.note(T, { at: 0, failure, startMs: null });
}
