import { describe, expect, test } from 'vitest';
import { createBreakers, type Breakers } from './breaker.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 4, 0);
const T = { cloud: 'docker', name: 'debian' };
const OTHER = { cloud: 'docker', name: 'alpine' };

describe('a template that fails', () => {
  test('goes on after two failures, and stops after three in a row', () => {
    const breakers = createBreakers();
    fail(breakers, 2, NOW);
    expect(breakers.refusal(T, { nodes: 0, asked: 0 }, NOW)).toBeNull();
    fail(breakers, 1, NOW);
    expect(breakers.refusal(T, { nodes: 0, asked: 0 }, NOW)).toEqual({
      code: 'breaker',
      reason: 'breaker open after 3 failures: no answer; tried again at 12:04:01Z',
      until: NOW + 1_000,
    });
    expect(breakers.refusal(OTHER, { nodes: 0, asked: 0 }, NOW)).toBeNull();
  });

  test('three failures with a success among them are not in a row', () => {
    const breakers = createBreakers();
    fail(breakers, 2, NOW);
    breakers.succeeded(T);
    fail(breakers, 1, NOW);
    expect(breakers.state(T, NOW)).toMatchObject({ state: 'closed', failures: 1 });
  });

  test('the reason stays the same while nothing happens', () => {
    const breakers = createBreakers();
    fail(breakers, 3, NOW);
    expect(breakers.refusal(T, { nodes: 0, asked: 0 }, NOW + 900)).toEqual(
      breakers.refusal(T, { nodes: 0, asked: 0 }, NOW),
    );
  });

  test('failures of what was on its way when it opened do not open it for longer', () => {
    const breakers = createBreakers();
    fail(breakers, 20, NOW);
    expect(breakers.state(T, NOW)).toMatchObject({ failures: 20, until: NOW + 1_000 });
  });
});

describe('probes', () => {
  test('one at a time', () => {
    const breakers = createBreakers();
    fail(breakers, 3, NOW);
    const later = NOW + 1_000;
    expect(breakers.state(T, later)).toMatchObject({ state: 'half-open', until: null });
    expect(breakers.refusal(T, { nodes: 0, asked: 0 }, later)).toBeNull();
    expect(breakers.refusal(T, { nodes: 1, asked: 0 }, later)).toEqual({
      code: 'breaker',
      reason: 'breaker half-open after 3 failures: no answer; one node is tried first',
      until: null,
    });
  });

  test('at once when the cloud answers again; one that fails opens it for twice as long all the same', () => {
    const breakers = createBreakers();
    breakers.probe(T);
    fail(breakers, 3, NOW);
    breakers.probe(T);
    expect(breakers.state(T, NOW)).toMatchObject({ state: 'half-open', failures: 3 });
    expect(breakers.refusal(T, { nodes: 1, asked: 0 }, NOW)).not.toBeNull();
    fail(breakers, 1, NOW);
    expect(breakers.state(T, NOW)).toMatchObject({ state: 'open', until: NOW + 2_000 });
  });

  test('one that becomes ready closes the breaker', () => {
    const breakers = createBreakers();
    fail(breakers, 3, NOW);
    breakers.succeeded(T);
    expect(breakers.refusal(T, { nodes: 5, asked: 0 }, NOW + 1_000)).toBeNull();
    fail(breakers, 3, NOW + 1_000);
    expect(breakers.state(T, NOW + 1_000).until).toBe(NOW + 2_000);
  });

  test('a template is never given up, however often it failed (L12)', () => {
    const breakers = createBreakers();
    let now = NOW;
    const waits: number[] = [];
    for (let failures = 0; failures < 100; failures += 1) {
      fail(breakers, 1, now);
      const until = breakers.refusal(T, { nodes: 0, asked: 0 }, now)?.until ?? now;
      waits.push(until - now);
      now = until;
      expect(breakers.refusal(T, { nodes: 0, asked: 0 }, now)).toBeNull();
    }
    expect(waits.slice(0, 6)).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000]);
    expect(Math.max(...waits)).toBe(600_000);
  });
});

describe('a refusal for want of room', () => {
  test('is a short pause, and counts for nothing, however often (L12)', () => {
    const breakers = createBreakers();
    for (let times = 0; times < 50; times += 1) breakers.aborted(T, 'no capacity', NOW);
    expect(breakers.refusal(T, { nodes: 0, asked: 0 }, NOW)).toEqual({
      code: 'aborted',
      reason: 'no capacity',
      until: NOW + 2_000,
    });
    expect(breakers.refusal(T, { nodes: 9, asked: 0 }, NOW + 2_000)).toBeNull();
    expect(breakers.state(T, NOW)).toMatchObject({ state: 'closed', failures: 0 });
  });

  test('lets one launch at a time through for a minute, so that not all who wait are refused again (L11)', () => {
    const breakers = createBreakers();
    breakers.aborted(T, 'no capacity', NOW);
    const asked = { nodes: 5, asked: 1 };
    expect(breakers.refusal(T, { nodes: 5, asked: 0 }, NOW + 2_000)).toBeNull();
    expect(breakers.refusal(T, asked, NOW + 2_000)).toEqual({
      code: 'aborted',
      reason: 'one launch at a time is tried, for there was no room lately: no capacity',
      until: NOW + 4_000,
    });
    breakers.succeeded(T);
    expect(breakers.refusal(T, asked, NOW + 61_999)?.code).toBe('aborted');
    expect(breakers.refusal(T, asked, NOW + 62_000)).toBeNull();
  });

  test('of a probe leaves the breaker half-open', () => {
    const breakers = createBreakers();
    fail(breakers, 3, NOW);
    breakers.aborted(T, 'no capacity', NOW + 1_000);
    expect(breakers.refusal(T, { nodes: 0, asked: 0 }, NOW + 1_000)?.code).toBe('aborted');
    expect(breakers.refusal(T, { nodes: 1, asked: 0 }, NOW + 3_000)?.code).toBe('breaker');
    expect(breakers.refusal(T, { nodes: 0, asked: 0 }, NOW + 3_000)).toBeNull();
  });
});

test('a clock that was put back keeps nothing open for longer than the longest time', () => {
  const breakers = createBreakers();
  fail(breakers, 3, NOW + 3_600_000);
  expect(breakers.state(T, NOW)).toMatchObject({ state: 'half-open' });
  breakers.aborted(T, 'no capacity', NOW + 3_600_000);
  expect(breakers.refusal(T, { nodes: 0, asked: 0 }, NOW)).toBeNull();
});

function fail(breakers: Breakers, times: number, now: number): void {
  for (let i = 0; i < times; i += 1) breakers.failed(T, 'no answer', now);
}
