import {
  endLease,
  insertJobs,
  insertLease,
  insertProject,
  jobsWithRequests,
  newId,
  openRequestRows,
  queuedJobs,
  removeProject,
  usageByProject,
  type Db,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, addNode, addRequest, jobRow } from './rows.ts';

export function describeQueue(context: Context): void {
  describe('the queue', () => {
    test('has its jobs with their projects, and without what is large', async () => {
      const { db } = context.store;
      await addProject(db, 'ceph', { share: 3, max_nodes: 7 });
      const images = { 'c/t': 'v1' };
      const own = await addJobOf(db, 'ceph', {
        priority: 75,
        rank: -5,
        queued_at: 4,
        queue_timeout_ms: 9,
        images,
      });
      const nobodys = await addJobOf(db, null, { rank: 20, queued_at: 21 });
      const [first, second] = await queuedJobs(db, 9);
      expect(first).toEqual({
        id: own,
        build_id: expect.any(String) as string,
        runs_on: 'linux',
        images,
        priority: 75,
        rank: -5,
        queued_at: 4,
        queue_timeout_ms: 9,
        project_id: 'ceph',
        project_name: 'the project ceph',
        share: 3,
        max_nodes: 7,
      });
      expect(second).toMatchObject({ id: nobodys, project_id: null, project_name: null, share: null });
    });

    test('has its open requests with what their place in it depends on', async () => {
      const { db } = context.store;
      await addProject(db, 'ceph', { share: 3, max_nodes: null });
      const job = await addJobOf(db, 'ceph', { priority: 75, rank: -5, queued_at: 4 });
      const refusal = {
        cloud: 'c',
        template: 't',
        code: 'quota',
        reason: 'full',
        final: false,
        at: 1,
      } as const;
      const ofJob = await addRequest(db, job, {
        state: 'pending',
        declines: [refusal],
        created_at: 2,
        images: { 'c/t': null },
      });
      const ofPool = await addRequest(db, null, { cloud: 'docker', template: 'debian', created_at: 1 });
      for (const state of ['fulfilled', 'failed', 'withdrawn'] as const) await addRequest(db, job, { state });
      expect(await openRequestRows(db)).toEqual([
        {
          id: ofPool,
          job_id: null,
          cloud: 'docker',
          template: 'debian',
          runs_on: 'linux',
          images: null,
          state: 'requested',
          declines: [],
          created_at: 1,
          priority: null,
          rank: null,
          queued_at: null,
          project_id: null,
          project_name: null,
          share: null,
          max_nodes: null,
        },
        {
          id: ofJob,
          job_id: job,
          cloud: null,
          template: null,
          runs_on: 'linux',
          images: { 'c/t': null },
          state: 'pending',
          declines: [refusal],
          created_at: 2,
          priority: 75,
          rank: -5,
          queued_at: 4,
          project_id: 'ceph',
          project_name: 'the project ceph',
          share: 3,
          max_nodes: null,
        },
      ]);
      expect(await jobsWithRequests(db)).toEqual(new Set([job]));
    });

    test('knows how many nodes the jobs of each project have', async () => {
      const { db } = context.store;
      expect(await usageByProject(db)).toEqual(new Map());
      for (const name of ['ceph', 'gone']) await addProject(db, name);
      await lend(db, 'ceph', 2);
      await lend(db, 'ceph', 1);
      await lend(db, null, 1);
      await lend(db, 'gone', 1);
      await endLease(db, await lend(db, 'ceph', 1), 9);
      expect(await usageByProject(db)).toEqual(
        new Map([
          ['ceph', 3],
          ['gone', 1],
          [null, 1],
        ]),
      );
      await removeProject(db, 'gone');
      expect(await usageByProject(db)).toEqual(
        new Map([
          ['ceph', 3],
          [null, 2],
        ]),
      );
    });
  });
}

/** A job that has so many nodes; returns its lease. */
async function lend(db: Db, project: string | null, count: number): Promise<string> {
  const job = await addJobOf(db, project, { state: 'leased' });
  const lease = { id: newId(), job_id: job, epoch: 1, state: 'active' as const, created_at: 1 };
  const nodes = await Promise.all(
    Array.from({ length: count }, async (_, n) => ({ node_id: await addNode(db), role: `n${n}` })),
  );
  await insertLease(db, { lease, nodes });
  return lease.id;
}

async function addJobOf(
  db: Db,
  project: string | null,
  change: Parameters<typeof jobRow>[1],
): Promise<string> {
  const build = await addBuild(db, { project_id: project });
  const row = jobRow(build.id, change);
  await insertJobs(db, [row]);
  return row.id;
}

function addProject(db: Db, id: string, limits: { share?: number; max_nodes?: number | null } = {}) {
  return insertProject(db, {
    id,
    name: `the project ${id}`,
    provider: 'git',
    repository: '/srv/git/it',
    default_branch: 'main',
    pipelines: ['.footman.yaml'],
    share: 1,
    created_at: 1,
    ...limits,
  });
}
