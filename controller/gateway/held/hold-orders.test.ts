import { expect, test } from 'vitest';
import { finishJob } from '#controller/builds';
import { holdOfNode, patchJob } from '#controller/store';
import { leaseJob } from '../test-support.ts';
import { createHoldOrders } from './hold-orders.ts';

const SHUT = 'shut-value';

test('no value that may not stay is said to the node again: whoever holds it may read all of that (I7)', async () => {
  await using leased = await leaseJob(
    'jobs: { a: { runs-on: linux, steps: [{ run: x, env: { S: "${{ secrets.SHUT }}" } }] } }',
  );
  const { store, journal, job, nodeId, deps } = leased;
  await journal.commit(async (tx) => {
    const wish = { on: 'end', origin: 'request', owner: 'alice', reason: null, forMs: null } as const;
    await patchJob(tx.db, job.id, ['leased'], { hold: { ...wish, keys: [] } });
    await finishJob(tx, job.id, { result: 'failure', reason: null });
  });
  const hold = await holdOfNode(store.db, nodeId);
  if (hold === undefined) throw new Error('the node is not held');
  const orders = (denied: Record<string, string>) =>
    createHoldOrders({
      ...deps,
      secrets: {
        forDebugging: () =>
          Promise.resolve({ allowed: new Map<string, string>(), denied: new Map(Object.entries(denied)) }),
      },
      longestHoldMs: () => 60_000,
    });
  const begin = await orders({ SHUT }).begin(hold);
  expect(begin).toMatchObject({ hasDenied: true, banner: expect.stringContaining('SHUT') });
  expect(JSON.stringify(begin)).not.toContain(SHUT);
  expect(await orders({}).begin(hold)).toMatchObject({ hasDenied: false });
});
