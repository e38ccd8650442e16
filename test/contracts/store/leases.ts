import {
  activeLeaseOfJob,
  activeLeases,
  endLease,
  findLease,
  insertLease,
  isUniqueViolation,
  leaseOfNode,
  newId,
  nodesOfLease,
  type Db,
  type NewLease,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addJob, addNode } from './rows.ts';

export function describeLeases(context: Context): void {
  describe('leases', () => {
    test('name their nodes by role, and are found by either side', async () => {
      const { db } = context.store;
      const jobId = await addJob(db);
      const mon = await addNode(db);
      const osd = await addNode(db);
      const lease = leaseRow(jobId);
      await insertLease(db, {
        lease,
        nodes: [
          { node_id: osd, role: 'osd' },
          { node_id: mon, role: 'mon' },
        ],
      });
      expect(await leaseOfNode(db, mon)).toEqual(await findLease(db, lease.id));
      expect(await activeLeaseOfJob(db, jobId)).toMatchObject({ id: lease.id, epoch: 1, ended_at: null });
      const nodes = await nodesOfLease(db, lease.id);
      expect(nodes.map((node) => [node.id, node.role, node.labels])).toEqual([
        [mon, 'mon', ['linux']],
        [osd, 'osd', ['linux']],
      ]);
    });

    test('end once', async () => {
      const { db } = context.store;
      const jobId = await addJob(db);
      const lease = await lend(db, jobId, await addNode(db));
      expect(await activeLeases(db)).toHaveLength(1);
      expect(await endLease(db, lease.id, 9)).toMatchObject({ state: 'ended', ended_at: 9 });
      expect(await endLease(db, lease.id, 10)).toBeUndefined();
      expect(await activeLeases(db)).toEqual([]);
      expect(await activeLeaseOfJob(db, jobId)).toBeUndefined();
    });

    test('I1: a node has one lease in its life, whoever asks', async () => {
      const rival = await context.open();
      const node = await addNode(context.store.db);
      const jobs = [await addJob(context.store.db), await addJob(context.store.db)];
      const outcomes = await Promise.allSettled(
        jobs.map((job, i) => lend((i === 0 ? context.store : rival).db, job, node)),
      );
      expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const lease = await leaseOfNode(context.store.db, node);
      await endLease(context.store.db, lease?.id ?? '', 9);
      await expectRefused(lend(context.store.db, await addJob(context.store.db), node));
    });

    test('a job has one active lease, and no epoch twice', async () => {
      const { db } = context.store;
      const job = await addJob(db);
      const first = await lend(db, job, await addNode(db));
      await expectRefused(lend(db, job, await addNode(db), 2));
      await endLease(db, first.id, 9);
      await expectRefused(lend(db, job, await addNode(db), 1));
      await lend(db, job, await addNode(db), 2);
      expect(await activeLeaseOfJob(db, job)).toMatchObject({ epoch: 2 });
    });

    test('a refused lease leaves nothing behind', async () => {
      const { db } = context.store;
      const node = await addNode(db);
      await lend(db, await addJob(db), node);
      const job = await addJob(db);
      await expectRefused(lend(db, job, node));
      expect(await activeLeaseOfJob(db, job)).toBeUndefined();
    });
  });
}

function leaseRow(jobId: string, epoch = 1): NewLease {
  return { id: newId(), job_id: jobId, epoch, state: 'active', created_at: 1 };
}

async function lend(db: Db, jobId: string, nodeId: string, epoch = 1): Promise<NewLease> {
  const lease = leaseRow(jobId, epoch);
  await insertLease(db, { lease, nodes: [{ node_id: nodeId, role: 'main' }] });
  return lease;
}

async function expectRefused(work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isUniqueViolation(error)).toBe(true);
}
