import { describe, expect, test } from 'vitest';
import { createLearner } from './learner.ts';
import {
  arrivalsAt,
  createRandom,
  DAY_MS,
  HOUR_MS,
  learned,
  leastFixed,
  MINUTE_MS,
  replay,
} from './test-support.ts';

const WEEKS = 12;
const SPAN_MS = WEEKS * 7 * DAY_MS;
/** By then there is as much to learn from as a controller reads when it starts. */
const KNOWN_MS = 28 * DAY_MS;

describe.each([0.03, 0.05, 0.1])('with a share of cold starts of %d', (coldStarts) => {
  test.each([
    ['of office hours', officeHours(1), MINUTE_MS, 0.9],
    ['in bursts of eight, at office hours', bursts(officeHours(2)), MINUTE_MS, 0.75],
    ['in bursts of eight that announce others', bursts(announced(3)), MINUTE_MS, 1],
    // Nothing can be foreseen: the best fixed level is the best there is.
    ['by chance alone', arrivalsAt(() => 20, 20, SPAN_MS, createRandom(4)), 3 * MINUTE_MS, 1.05],
  ])(
    'jobs %s find nodes, for fewer node-hours than the least fixed number takes',
    (_, arrivals, startMs, share) => {
      const outcome = replay(arrivals, learned(coldStarts, startMs), startMs, KNOWN_MS);
      const best = leastFixed(arrivals, coldStarts, startMs, KNOWN_MS);
      expect(outcome.cold).toBeLessThanOrEqual(coldStarts);
      expect(outcome.hours).toBeLessThan(share * best.hours);
    },
  );
});

test('a day is enough to be better than nothing', () => {
  const arrivals = bursts(officeHours(5)).filter((at) => at < 2 * DAY_MS);
  expect(replay(arrivals, learned(0.05, MINUTE_MS), MINUTE_MS, DAY_MS).cold).toBeLessThan(0.25);
});

test('nothing is known before a few jobs have come', () => {
  const learner = createLearner(() => ({ coldStarts: 0.05, maxReady: 20 }));
  expect(learner.target(0)).toBeNull();
  for (let hour = 1; hour <= 24; hour += 1) learner.arrived(hour * HOUR_MS, MINUTE_MS);
  expect(learner.target(24 * HOUR_MS)).toBeGreaterThan(0);
});

test('there are never more idle nodes than is allowed, from a change of that on', () => {
  const settings = { coldStarts: 0.01, maxReady: 20 };
  const learner = createLearner(() => settings);
  for (const at of bursts(officeHours(6)).slice(0, 4000)) {
    learner.arrived(at, MINUTE_MS);
    expect(learner.target(at) ?? 0).toBeLessThanOrEqual(settings.maxReady);
  }
  settings.maxReady = 3;
  expect(learner.target(SPAN_MS)).toBeLessThanOrEqual(3);
});

test('what comes late counts as coming now', () => {
  const learner = createLearner(() => ({ coldStarts: 0.05, maxReady: 20 }));
  learner.target(0);
  learner.target(DAY_MS);
  for (let count = 0; count < 20; count += 1) learner.arrived(count * HOUR_MS, MINUTE_MS);
  expect(learner.target(2 * DAY_MS)).toBeGreaterThan(0);
  expect(learner.due(2 * DAY_MS)).toBeGreaterThan(2 * DAY_MS);
});

function officeHours(seed: number): number[] {
  return arrivalsAt((at) => (isBusy(at) ? 6 : 0.2), 6, SPAN_MS, createRandom(seed));
}

/** From Monday to Friday, 8 to 18 o'clock; the epoch was a Thursday. */
function isBusy(at: number): boolean {
  const [day, hour] = [Math.floor(at / DAY_MS + 3) % 7, Math.floor(at / HOUR_MS) % 24];
  return day < 5 && hour >= 8 && hour < 18;
}

/** Most are followed by another within twenty minutes. */
function announced(seed: number): number[] {
  const random = createRandom(seed);
  const first = arrivalsAt(() => 0.3, 0.3, SPAN_MS, random);
  const all = first.flatMap((at) => {
    const series = [at];
    while (random() < 0.7) series.push((series.at(-1) ?? at) + (3 + 15 * random()) * MINUTE_MS);
    return series;
  });
  return all.toSorted((a, b) => a - b);
}

function bursts(arrivals: readonly number[]): number[] {
  return arrivals.flatMap((at) => Array.from({ length: 8 }, () => at));
}
