import { expect, test } from 'vitest';
import type { Model } from '#simulator/model';
import { policiesOf } from '#simulator/policies';
import { createWorkload } from '#simulator/workload';
import { simulate, type Outcome } from './index.ts';

const steady = (ms: number) => ({ medianMs: ms, p95Ms: ms });

const SILENT = { failure: 0, abort: 0, hang: 0, silence: 0.5, loss: 0, removal: 0 };

const model: Model = {
  jobs: {
    perArrival: { min: 2, max: 4 },
    queueTimeoutMs: 3_600_000,
    kinds: [{ runsOn: 'a', weight: 1, priority: 50, duration: { medianMs: 60_000, p95Ms: 240_000 } }],
  },
  clouds: [
    {
      name: 'one',
      maxNodes: 20,
      launchRate: null,
      outages: [],
      templates: [
        {
          name: 'only',
          labels: ['a'],
          maxNodes: null,
          weight: 100,
          cost: 2,
          launch: steady(3000),
          connect: steady(2000),
          remove: steady(1000),
          rates: { failure: 0.1, abort: 0.1, hang: 0, silence: 0, loss: 0.02, removal: 0.1 },
        },
      ],
    },
  ],
};
/** One job, and every other node never connects. */
const silentModel: Model = {
  jobs: { ...model.jobs, perArrival: { min: 1, max: 1 } },
  clouds: model.clouds.map(({ templates: [only], ...cloud }) =>
    Object.assign(cloud, {
      templates: only === undefined ? [] : [Object.assign({}, only, { rates: SILENT })],
    }),
  ),
};
/** Half an hour apart, so that a pool has the time to come back. */
const trace = Array.from({ length: 40 }, (_, index) => index * 1_800_000);

test('a run is the same each time, but for its wall time; another seed is another world', async () => {
  for (const policy of ['none', 'learning', 'jenkins']) {
    const [first, second, other] = [await run(policy, 1), await run(policy, 1), await run(policy, 2)];
    expect({ ...second, wallMs: 0 }).toEqual({ ...first, wallMs: 0 });
    expect({ ...other, wallMs: 0 }).not.toEqual({ ...first, wallMs: 0 });
  }
});

test('policies meet the same jobs, and none of them leaves anything or breaks a promise', async () => {
  const outcomes = await Promise.all(
    ['none', 'fixed:1', 'learning', 'jenkins'].map((policy) => run(policy, 1)),
  );
  for (const { jobs, leaks, violations } of outcomes)
    expect({ jobs, leaks, violations }).toEqual({ jobs: outcomes[0]?.jobs, leaks: 0, violations: [] });
});

test('without a pool a job waits for a start; with one as large as a change it mostly does not, and idle nodes are paid for', async () => {
  const [none, pool] = [await run('none', 1), await run('fixed:6', 1)];
  expect(none.waits.p50).toBe(5000);
  expect(none.coldStarts).toBe(1);
  expect(none.nodeHours.idle).toBe(0);
  expect(pool.waits.p50).toBe(0);
  expect(pool.coldStarts).toBeLessThan(0.1);
  expect(pool.nodeHours.idle).toBeGreaterThan(6 * 0.8 * 19.5);
  const { starting, idle, busy, removing } = pool.nodeHours;
  expect(pool.cost).toBeCloseTo(2 * (starting + idle + busy + removing), 6);
});

test('a node that never connects costs its job no more than its time: nobody has to look by chance (L3)', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { waits, errored } = await run('none', seed, { model: silentModel, trace: [0] });
    expect(errored).toEqual({ unplaced: 0, lost: 0 });
    // Two minutes for each node that says nothing, and the breaker's pauses.
    expect(waits.max).toBeLessThan(20 * 60_000);
  }
});

test("Jenkins' planner lets the first job wait for 100 s and then for its looks (L10)", async () => {
  const { waits } = await run('jenkins', 1);
  expect(waits.max).toBeGreaterThanOrEqual(100_000);
  expect(waits.p50).toBeGreaterThan(30_000);
});

async function run(policy: string, seed: number, world = { model, trace }): Promise<Outcome> {
  const [found] = policiesOf(policy) ?? [];
  if (found === undefined) throw new Error(`there is no policy ${policy}`);
  const jobs = createWorkload(world.trace, world.model.jobs, seed);
  return simulate(found, { model: world.model, jobs, seed });
}
