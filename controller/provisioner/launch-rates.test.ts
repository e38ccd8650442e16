import { expect, test } from 'vitest';
import type { LaunchRate, OpenCloud } from '#controller/fleet';
import { createLaunchRates, type LaunchRates } from './launch-rates.ts';

const NOW = 1_000_000;

test('a burst, then one launch each time a token comes (L11)', () => {
  const rates = createLaunchRates();
  const cloud = cloudOf({ perMinute: 60, burst: 3 });
  expect(takeAll(rates, cloud, NOW)).toBe(3);
  expect(rates.refusal(cloud, NOW)).toEqual({
    code: 'rate',
    reason: 'cloud rax is at its launch rate: 60 a minute, 3 at once',
    until: NOW + 1_000,
  });
  expect(takeAll(rates, cloud, NOW + 999)).toBe(0);
  expect(takeAll(rates, cloud, NOW + 1_000)).toBe(1);
  expect(takeAll(rates, cloud, NOW + 3_500)).toBe(2);
});

test('a long rest saves up no more than one burst (L11)', () => {
  const rates = createLaunchRates();
  const cloud = cloudOf({ perMinute: 60, burst: 3 });
  takeAll(rates, cloud, NOW);
  expect(takeAll(rates, cloud, NOW + 3_600_000)).toBe(3);
});

test('in the long run it is the rate, whenever one asks', () => {
  const rates = createLaunchRates();
  const cloud = cloudOf({ perMinute: 7, burst: 2 });
  let launched = 0;
  for (let now = NOW; now < NOW + 3_600_000; now += 317) launched += takeAll(rates, cloud, now);
  expect(launched).toBeGreaterThanOrEqual(7 * 60);
  expect(launched).toBeLessThanOrEqual(7 * 60 + 2);
});

test('the time that a refusal names is one at which there is a token', () => {
  const rates = createLaunchRates();
  const cloud = cloudOf({ perMinute: 7, burst: 1 });
  for (let launches = 0, now = NOW; launches < 50; launches += 1) {
    expect(rates.refusal(cloud, now)).toBeNull();
    rates.take(cloud, now);
    now = rates.refusal(cloud, now)?.until ?? Number.NaN;
  }
});

test('what is planned counts, and takes nothing', () => {
  const rates = createLaunchRates();
  const cloud = cloudOf({ perMinute: 60, burst: 3 });
  expect(rates.refusal(cloud, NOW, 2)).toBeNull();
  expect(rates.refusal(cloud, NOW, 3)).toMatchObject({ until: NOW + 1_000 });
  expect(takeAll(rates, cloud, NOW)).toBe(3);
});

test.each([
  ['a rate that was greater before', { perMinute: 60_000, burst: 1_000 }, NOW],
  ['a clock that was put back', { perMinute: 6, burst: 2 }, NOW + 3_600_000],
])('%s keeps nobody waiting for longer than a token takes', (_, before, then) => {
  const rates = createLaunchRates();
  takeAll(rates, cloudOf(before), then);
  const cloud = cloudOf({ perMinute: 6, burst: 2 });
  for (let count = 0; count < 50; count += 1) rates.take(cloud, then);
  expect(rates.refusal(cloud, NOW)).toMatchObject({ until: NOW + 10_000 });
  expect(rates.refusal(cloud, NOW + 10_000)).toBeNull();
});

test('a cloud without a rate launches as it likes, and one cloud is no other', () => {
  const rates = createLaunchRates();
  const limited = cloudOf({ perMinute: 1, burst: 1 });
  const free = { ...cloudOf(null), name: 'free' };
  rates.take(limited, NOW);
  rates.take(free, NOW);
  expect(rates.refusal(limited, NOW)).not.toBeNull();
  expect(rates.refusal(free, NOW)).toBeNull();
});

/** How many it gets at once. */
function takeAll(rates: LaunchRates, cloud: OpenCloud, now: number): number {
  let taken = 0;
  for (; rates.refusal(cloud, now) === null && taken < 100; taken += 1) rates.take(cloud, now);
  return taken;
}

function cloudOf(launchRate: LaunchRate | null): OpenCloud {
  const quota = { nodes: null, cpus: null, memoryBytes: null };
  return {
    name: 'rax',
    kind: 'test',
    cloud: undefined as never,
    templates: [],
    quota,
    launchMs: null,
    launchRate,
    reserve: null,
  };
}
