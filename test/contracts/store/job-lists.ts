import {
  insertArtifacts,
  insertJobs,
  insertLease,
  insertProject,
  latestArtifact,
  listJobs,
  newId,
  type Db,
  type JobFilter,
  type NewBuild,
  type NewJob,
} from '#controller/store';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, addNode, artifactRow, jobRow } from './rows.ts';

/** 2026-01-01 and the day after. */
const FIRST_DAY = Date.UTC(2026, 0, 1);
const SECOND_DAY = Date.UTC(2026, 0, 2);

export function describeJobLists(context: Context): void {
  describe('lists of jobs', () => {
    let db: Db;
    beforeEach(() => {
      db = context.store.db;
    });

    const keys = async (filter: Partial<JobFilter>) =>
      (await listJobs(db, { limit: 10, ...filter })).map(({ key }) => key);

    test('have the newest first, page by page, with their builds', async () => {
      const build = await addBuild(db, { pipeline: 'nightly' });
      await add({ key: 'a' }, build.id);
      await add({ key: 'b', attempt: 2 }, build.id);
      await add({ key: 'c' }, build.id);
      const first = await listJobs(db, { limit: 2 });
      expect(first.map(({ key }) => key)).toEqual(['c', 'b']);
      expect(first[1]).toMatchObject({
        attempt: 2,
        number: build.number,
        pipeline: 'nightly',
        project: null,
      });
      expect(await keys({ before: first[1]?.id })).toEqual(['a']);
    });

    test('of a pipeline, a branch and a project', async () => {
      const projectId = await addProject('widgets');
      await addTo({ pipeline: 'ci', trigger: { event: 'push', branch: 'main' } }, { key: 'a' });
      await addTo(
        { pipeline: 'ci', trigger: { event: 'push', branch: 'main' }, project_id: projectId },
        { key: 'b' },
      );
      await addTo({ pipeline: 'ci', trigger: { event: 'push', branch: 'topic' } }, { key: 'c' });
      await addTo({ pipeline: 'main' }, { key: 'd' });
      expect(await keys({ pipeline: 'ci' })).toEqual(['c', 'b', 'a']);
      expect(await keys({ branch: 'main' })).toEqual(['b', 'a']);
      expect(await keys({ branch: 'main', pipeline: 'ci', projectId })).toEqual(['b']);
      expect((await listJobs(db, { limit: 1, projectId }))[0]?.project).toBe('widgets');
    });

    test('of a state and a result', async () => {
      await addTo({}, { key: 'a', state: 'finished', result: 'failure' });
      await addTo({}, { key: 'b', state: 'finished', result: 'success' });
      await addTo({}, { key: 'c', state: 'running' });
      expect(await keys({ state: 'running' })).toEqual(['c']);
      expect(await keys({ state: 'finished' })).toEqual(['b', 'a']);
      expect(await keys({ result: 'failure' })).toEqual(['a']);
      expect(await keys({ result: 'failure', pipeline: 'ceph' })).toEqual(['a']);
    });

    test('of a node, and of the labels that its nodes had', async () => {
      const build = await addBuild(db);
      const [a, b] = [await add({ key: 'a' }, build.id), await add({ key: 'b' }, build.id)];
      const big = await addNode(db, { labels: ['linux', 'big'] });
      await lease(a, [big, await addNode(db, { labels: ['linux', 'arm'] })]);
      await lease(b, [await addNode(db, { labels: ['linux'] })]);
      expect(await keys({ nodeId: big })).toEqual(['a']);
      expect(await keys({ labels: ['linux'] })).toEqual(['b', 'a']);
      expect(await keys({ labels: ['arm', 'big'] })).toEqual(['a']);
      expect(await keys({ labels: ['lin'] })).toEqual([]);
    });

    test('that told of a test', async () => {
      const build = await addBuild(db);
      const [a] = [await add({ key: 'a' }, build.id), await add({ key: 'b' }, build.id)];
      const report = artifactRow(a, { role: 'junit' });
      await insertArtifacts(db, [report]);
      const test = { id: 't', pipeline: 'ceph', job: 'a', suite: 's', name: 'quorum' };
      await db.insertInto('tests').values(test).execute();
      await db
        .insertInto('test_results')
        .values({
          artifact_id: report.id,
          position: 0,
          test_id: 't',
          job_id: a,
          build_id: build.id,
          build_number: build.number,
          attempt: 1,
          branch: '',
          result: 'failed',
          reruns: 0,
          is_new: 0,
          is_flaky: 0,
          at: 1,
        })
        .execute();
      expect(await keys({ testName: 'quorum' })).toEqual(['a']);
      expect(await keys({ testName: 'other' })).toEqual([]);
    });

    test('of a time', async () => {
      const build = await addBuild(db);
      await add({ id: madeAt(FIRST_DAY), key: 'a' }, build.id);
      await add({ id: madeAt(SECOND_DAY), key: 'b' }, build.id);
      expect(await keys({ since: SECOND_DAY })).toEqual(['b']);
      expect(await keys({ until: SECOND_DAY })).toEqual(['a']);
      expect(await keys({ since: FIRST_DAY, until: SECOND_DAY + 1 })).toEqual(['b', 'a']);
    });

    test('are not there while their builds are removed, nor is what they left the latest', async () => {
      const onMain = {
        pipeline: 'ci',
        result: 'success',
        trigger: { event: 'push', branch: 'main' },
      } as const;
      await leave(onMain);
      await db.updateTable('builds').set({ deleting_at: 1 }).execute();
      expect(await keys({ pipeline: 'ci' })).toEqual([]);
      const wanted = { pipeline: 'ci', branch: 'main', job: 'base', name: 'out' };
      expect(await latestArtifact(db, wanted)).toBeUndefined();
    });

    test('go with their builds', async () => {
      const { id } = await addBuild(db, { pipeline: 'gone' });
      await add({ key: 'a' }, id);
      await db.deleteFrom('builds').where('id', '=', id).execute();
      expect(await keys({ pipeline: 'gone' })).toEqual([]);
    });
  });

  describe('the latest artifact', () => {
    const wanted = { pipeline: 'ci', branch: 'main', job: 'base', name: 'out' };
    const onMain = { pipeline: 'ci', result: 'success', trigger: { event: 'push', branch: 'main' } } as const;

    test('is that of the newest build of the branch that succeeded', async () => {
      const { db } = context.store;
      const good = await leave(onMain);
      await leave({ ...onMain, result: 'failure' });
      await leave({ ...onMain, trigger: { event: 'push', branch: 'topic' } });
      await leave({ ...onMain, pipeline: 'other' });
      expect((await latestArtifact(db, wanted))?.id).toBe(good);
      const newer = await leave(onMain);
      expect((await latestArtifact(db, wanted))?.id).toBe(newer);
      expect(await latestArtifact(db, { ...wanted, name: 'other' })).toBeUndefined();
    });

    test('of a rerun that did not repeat its job, is that of the build before', async () => {
      const { db } = context.store;
      await leave(onMain);
      const failed = await addTo({ ...onMain, result: 'failure' });
      const artifact = artifactRow(failed, { state: 'complete' });
      await insertArtifacts(db, [artifact]);
      await addTo(onMain, { reused_from: failed });
      expect((await latestArtifact(db, wanted))?.id).toBe(artifact.id);
    });

    test('is never what a fork left', async () => {
      const { db } = context.store;
      await leave({ ...onMain, trust: 'fork' });
      expect(await latestArtifact(db, wanted)).toBeUndefined();
    });
  });

  async function leave(build: Partial<NewBuild>): Promise<string> {
    const artifact = artifactRow(await addTo(build), { state: 'complete' });
    await insertArtifacts(context.store.db, [artifact]);
    return artifact.id;
  }

  async function addTo(build: Partial<NewBuild>, job: Partial<NewJob> = {}): Promise<string> {
    return add(job, (await addBuild(context.store.db, build)).id);
  }

  async function add(job: Partial<NewJob>, buildId: string): Promise<string> {
    const row = jobRow(buildId, job);
    await insertJobs(context.store.db, [row]);
    return row.id;
  }

  async function addProject(name: string): Promise<string> {
    const id = newId();
    await insertProject(context.store.db, {
      id,
      name,
      provider: 'git',
      repository: '/srv/git/it',
      default_branch: 'main',
      pipelines: ['.footman.yaml'],
      share: 1,
      created_at: 1,
    });
    return id;
  }

  function lease(jobId: string, nodeIds: string[]): Promise<void> {
    const id = newId();
    return insertLease(context.store.db, {
      lease: { id, job_id: jobId, epoch: 1, state: 'active', created_at: 1 },
      nodes: nodeIds.map((node_id) => ({ node_id, role: 'main' })),
    });
  }
}

/** An id as it would have been given then. */
function madeAt(at: number): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
  let text = '';
  for (let left = at - Date.UTC(2025, 0, 1); text.length < 8; left = Math.floor(left / 32))
    text = alphabet.charAt(left % 32) + text;
  return `${text}00000000`;
}
