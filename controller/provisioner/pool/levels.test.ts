import { expect, test } from 'vitest';
import { chooseLevels } from './levels.ts';

const day = { hours: 10, jobs: 90, byRank: shares([0.5, 0.3, 0.2]) };
const night = { hours: 10, jobs: 10, byRank: shares([0.5, 0.3, 0.2]) };

test('the next node is kept where it serves most for each hour', () => {
  expect(chooseLevels([day, night], 0.6, 9)).toEqual([1, 0]);
  expect(chooseLevels([day, night], 0.3, 9)).toEqual([2, 0]);
  expect(chooseLevels([day, night], 0.11, 9)).toEqual([3, 0]);
  expect(chooseLevels([day, night], 0.04, 9)).toEqual([3, 2]);
});

test('nodes that are worth something only together are kept together', () => {
  const burst = { hours: 10, jobs: 8, byRank: shares([0, 0, 0, 1]) };
  expect(chooseLevels([burst], 0.05, 9)).toEqual([4]);
  expect(chooseLevels([burst], 0.05, 3)).toEqual([0]);
});

test('no more is kept than is allowed, and nothing where no job comes', () => {
  expect(chooseLevels([day, { ...night, jobs: 0 }], 0.01, 2)).toEqual([2, 0]);
});

function shares(all: readonly number[]) {
  return (rank: number) => all[rank - 1] ?? 0;
}
