import { describe, expect, test } from 'vitest';
import { figuresOf, percentilesOf, quantileOf, startOf } from '#controller/figures';
import type { NodeLife } from '#controller/store';

describe('percentiles', () => {
  test('are values that really were', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(percentilesOf(values)).toEqual({ p50: 100, p90: 180, p95: 190, p99: 198 });
  });

  test('of one value are that value, of none there are none', () => {
    expect(percentilesOf([7])).toEqual({ p50: 7, p90: 7, p95: 7, p99: 7 });
    expect(percentilesOf([])).toBeNull();
    expect(quantileOf([], 0.5)).toBeNull();
  });
});

describe('a start', () => {
  test('has phases that add up to what its request waited', () => {
    const node = life({
      requested_at: 10,
      created_at: 30,
      launched_at: 70,
      connected_at: 150,
      ready_at: 160,
    });
    expect(startOf(node)).toEqual({ wait: 20, launch: 40, connect: 80, check: 10, total: 150 });
  });

  test.each([
    ['whose cloud answered after its agent', { launched_at: 155, connected_at: 50 }],
    ['whose cloud has not answered yet', { launched_at: null, connected_at: 50 }],
    ['whose agent came back later', { launched_at: 60, connected_at: 900 }],
  ])('of a node %s has no negative phase', (_, times) => {
    const start = startOf(life({ requested_at: 10, created_at: 30, ready_at: 160, ...times }));
    const { total = 0, ...phases } = start ?? {};
    expect(Math.min(...Object.values(phases))).toBeGreaterThanOrEqual(0);
    expect(Object.values(phases).reduce((sum, ms) => sum + ms, 0)).toBe(total);
    expect(total).toBe(150);
  });

  test('is over when the node is ready', () => {
    expect(startOf(life({ connected_at: 40 }))).toBeNull();
  });
});

describe('figures of a template', () => {
  test('count what failed, apart from what found no room, and from what nobody wanted', () => {
    const figures = figuresOf([
      life({ ready_at: 130 }),
      life({ ready_at: 230 }),
      life({ ready_at: 330 }),
      life({ failure: 'launch' }),
      life({ failure: 'check' }),
      life({ ready_at: 40, failure: 'lost' }),
      life({ failure: 'aborted' }),
      life({ failure: 'aborted' }),
      life({ state: 'deleted' }),
      life({ state: 'launching' }),
    ]);
    expect(figures).toMatchObject({
      starts: 4,
      planToReady: { p50: 100, p99: 300 },
      successRate: 0.5,
      failures: { launch: 1, check: 1, lost: 1 },
      aborted: 2,
    });
  });

  test('are empty before the first node', () => {
    expect(figuresOf([])).toMatchObject({ starts: 0, total: null, successRate: null, failures: {} });
  });
});

function life(times: Partial<NodeLife>): NodeLife {
  return {
    state: 'ready',
    failure: null,
    requested_at: null,
    created_at: 30,
    launched_at: null,
    connected_at: null,
    ready_at: null,
    ...times,
  };
}
