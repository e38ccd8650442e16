import {
  countQueue,
  endLease,
  insertLease,
  newestHoldings,
  newestLives,
  newId,
  type Db,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addJob, addNode, addRequest } from './rows.ts';

const SMALL = { cloud: 'process', template: 'small' };

export function describeFigures(context: Context): void {
  describe('figures', () => {
    test("are taken from a template's newest nodes, those that are gone included, those for one version not", async () => {
      const { db } = context.store;
      await addNode(db, { id: 'n1', created_at: 1, state: 'deleted', deleted_at: 9, ready_at: 5 });
      await addNode(db, { id: 'n2', created_at: 2, failure: 'launch' });
      await addNode(db, { id: 'n3', created_at: 3, requested_at: 2 });
      await addNode(db, { id: 'n4', created_at: 4, template: 'big' });
      await addNode(db, { id: 'n5', created_at: 5, version_id: 'v1', pinned: 1 });
      expect(await newestLives(db, SMALL, 2)).toMatchObject([
        { created_at: 3, requested_at: 2, ready_at: null },
        { created_at: 2, failure: 'launch' },
      ]);
      expect(await newestLives(db, SMALL, 9)).toHaveLength(3);
    });

    test('of what jobs hold: since when, and until when', async () => {
      const { db } = context.store;
      await endLease(db, await leased(db, 10), 25);
      await leased(db, 20);
      await addNode(db);
      expect(await newestHoldings(db, SMALL, 9)).toEqual([
        { from: 20, to: null },
        { from: 10, to: 25 },
      ]);
    });

    test('of the queue: jobs by what keeps them from a node', async () => {
      const { db } = context.store;
      const decline = { ...SMALL, reason: 'full', final: false, at: 1 };
      const declines = [
        { ...decline, code: 'rate' as const },
        { ...decline, cloud: 'other', code: 'quota' as const },
      ];
      await addJob(db);
      await addJob(db, { state: 'running' });
      for (const count of [1, 2]) await addRequest(db, await addJob(db), { declines, created_at: count });
      const request = await addRequest(db, await addJob(db), { declines, state: 'pending' });
      await addNode(db, { request_id: request, state: 'launching' });
      const failed = await addRequest(db, await addJob(db), { state: 'pending' });
      await addNode(db, { request_id: failed, state: 'deleting', failure: 'launch' });
      const counts = (await countQueue(db)).map(({ reason, count }) => `${count} ${reason}`);
      expect(counts.toSorted()).toEqual(['1 starting', '2 new', '2 quota']);
    });
  });
}

/** Returns the lease of a node that a job got at that time. */
async function leased(db: Db, at: number): Promise<string> {
  const nodeId = await addNode(db, { id: `n${at}`, state: 'leased', leased_at: at });
  const lease = { id: newId(), job_id: await addJob(db), epoch: 1, created_at: at };
  const nodes = [{ lease_id: lease.id, node_id: nodeId, role: 'main' }];
  await insertLease(db, { lease: { ...lease, state: 'active' }, nodes });
  return lease.id;
}
