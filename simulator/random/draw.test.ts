import { expect, test } from 'vitest';
import { createRandom, drawDuration, drawInteger, drawWeighted } from './index.ts';

const MANY = 20_000;

test('a stream is the same for the same seed and purpose, and another one for others', () => {
  expect(first(1, 'a')).toEqual(first(1, 'a'));
  expect(first(1, 'a')).not.toEqual(first(2, 'a'));
  expect(first(1, 'a')).not.toEqual(first(1, 'b'));
});

test('numbers are spread evenly between 0 and 1', () => {
  const random = createRandom(1, 'test');
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let index = 0; index < MANY; index += 1) {
    const tenth = Math.floor(random.next() * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  expect(tenths).toHaveLength(10);
  for (const count of tenths) expect(Math.abs(count / MANY - 0.1)).toBeLessThan(0.01);
});

test('durations have the median and the 95th percentile that were asked for', () => {
  const random = createRandom(1, 'test');
  const spread = { medianMs: 60_000, p95Ms: 300_000 };
  const sorted = Array.from({ length: MANY }, () => drawDuration(random, spread)).toSorted((a, b) => a - b);
  expect((sorted[MANY / 2] ?? 0) / spread.medianMs).toBeCloseTo(1, 1);
  expect((sorted[MANY * 0.95] ?? 0) / spread.p95Ms).toBeCloseTo(1, 1);
  expect(drawDuration(random, { medianMs: 7, p95Ms: 7 })).toBe(7);
  expect(drawDuration(random, { medianMs: 0, p95Ms: 0 })).toBe(0);
});

test('integers have both ends, and choices their weights', () => {
  const random = createRandom(1, 'test');
  const drawn = new Set(Array.from({ length: 100 }, () => drawInteger(random, { min: 2, max: 4 })));
  expect(drawn).toEqual(new Set([2, 3, 4]));
  const [often, never] = [{ weight: 2 }, { weight: 0 }];
  const chosen = new Set(Array.from({ length: 100 }, () => drawWeighted(random, [never, often, never])));
  expect(chosen).toEqual(new Set([often]));
});

function first(seed: number, purpose: string): number[] {
  const random = createRandom(seed, purpose);
  return [random.next(), random.next(), random.next()];
}
