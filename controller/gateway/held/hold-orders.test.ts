import { expect, test } from 'vitest';
import { finishJob } from '#controller/builds';
import {
  findNode,
  holdOfNode,
  insertHold,
  insertHoldKey,
  insertNode,
  patchJob,
  type Hold,
} from '#controller/store';
import { leaseJob, type LeasedJob } from '../test-support.ts';
import { createHoldOrders } from './hold-orders.ts';

const SHUT = 'shut-value';

test('no value that may not stay is said to the node again: whoever holds it may read all of that (I7)', async () => {
  await using leased = await leaseJob(
    'jobs: { a: { runs-on: linux, steps: [{ run: x, env: { S: "${{ secrets.SHUT }}" } }] } }',
  );
  const hold = await holdNode(leased);
  const begin = await ordersOf(leased, { SHUT }).begin(hold);
  expect(begin).toMatchObject({ hasDenied: true, banner: expect.stringContaining('SHUT') });
  expect(JSON.stringify(begin)).not.toContain(SHUT);
  expect(await ordersOf(leased).begin(hold)).toMatchObject({ hasDenied: false });
});

test('a captured machine that is started again keeps no key of the holds that it had', async () => {
  await using leased = await leaseJob('jobs: { a: { runs-on: linux, steps: [{ run: x }] } }');
  const hold = await holdNode(leased);
  const { db } = leased.store;
  const node = await findNode(db, leased.nodeId);
  if (node === undefined) throw new Error('there is no node');
  const key = { fingerprint: 'f', key: 'ssh-ed25519 AAAA', comment: '', added_by: 'alice', added_at: 0 };
  const standing = { ...key, revoked_by: null, revoked_at: null };
  for (const [id, resumes, login] of [
    ['first', null, null],
    ['second', 'first', 'deploy'],
  ] as const) {
    await insertNode(db, { ...node, id: `node-${id}` });
    await insertHold(db, { ...hold, id, node_id: `node-${id}`, state: 'released', resumes });
    await insertHoldKey(db, { ...standing, id: `key-${id}`, hold_id: id, login, placed: null });
  }
  const { keys } = ordersOf(leased);
  expect(await keys(hold)).not.toHaveProperty('former');
  expect(await keys({ ...hold, resumes: 'second' })).toMatchObject({ keys: [], former: ['deploy', null] });
});

function ordersOf({ deps }: LeasedJob, denied: Record<string, string> = {}) {
  const known = { allowed: new Map<string, string>(), denied: new Map(Object.entries(denied)) };
  const secrets = { forDebugging: () => Promise.resolve(known) };
  return createHoldOrders({ ...deps, secrets, longestHoldMs: () => 60_000 });
}

/** Its job fails, and somebody wants it. */
async function holdNode({ store, journal, job, nodeId }: LeasedJob): Promise<Hold> {
  await journal.commit(async (tx) => {
    const wish = { on: 'end', origin: 'request', owner: 'alice', reason: null, forMs: null } as const;
    await patchJob(tx.db, job.id, ['leased'], { hold: { ...wish, keys: [] } });
    await finishJob(tx, job.id, { result: 'failure', reason: null });
  });
  const hold = await holdOfNode(store.db, nodeId);
  if (hold === undefined) throw new Error('the node is not held');
  return hold;
}
