import {
  artifactsToExpire,
  cachesAndSources,
  deleteBuild,
  deletingBuilds,
  endedBuilds,
  filesWithBlobs,
  findArtifact,
  findBuild,
  findBuildByNumber,
  findJob,
  insertArtifacts,
  insertHold,
  insertJobs,
  insertLease,
  insertSteps,
  knownSteps,
  listBuilds,
  markDeleting,
  newId,
  nextExpiry,
  oldestUndated,
  pinBuild,
  putFiles,
  remainsOf,
  statesOfArtifacts,
  storedArtifacts,
  storedBytesOf,
  storedLogs,
  storedSources,
  usesOfBuilds,
  type Build,
  type NewBuild,
  type NewJob,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, addNode, artifactRow, jobRow, stepRow } from './rows.ts';

export function describeRetention(context: Context): void {
  describe('builds that are kept, and go', () => {
    test('those that have ended are read by the page, the newest first', async () => {
      const { db } = context.store;
      const source = { blob: 'sources/a', bytes: 7, sha256: 'a', commit: 'c', ref: null };
      for (const state of ['finished', 'running', 'finished', 'finished'] as const)
        await ended({ state, source });
      const page = await endedBuilds(db, { before: undefined, limit: 2 });
      expect(page.map(({ number }) => number)).toEqual([4, 3]);
      expect(page[0]).toMatchObject({ trigger: { event: 'manual' }, source, pinned_by: null });
      expect((await endedBuilds(db, { before: 3, limit: 9 })).map(({ number }) => number)).toEqual([1]);
      expect((await storedSources(db, { after: '', limit: 9 })).map(({ build }) => build)).toEqual([
        1, 2, 3, 4,
      ]);
    });

    test('one that is marked is not found, nor what is of it; its mark is for one alone', async () => {
      const { db } = context.store;
      const { build, job, artifact } = await whole();
      const other = await context.open();
      const marks = await Promise.all([markDeleting(db, build.id, 5), markDeleting(other.db, build.id, 6)]);
      expect(marks.toSorted()).toEqual([false, true]);
      expect(await findBuild(db, build.id)).toBeUndefined();
      expect(await findBuildByNumber(db, build.number)).toBeUndefined();
      expect(await findJob(db, job)).toBeUndefined();
      expect(await findArtifact(db, artifact)).toBeUndefined();
      expect(await listBuilds(db, { limit: 9 })).toEqual([]);
      expect(await endedBuilds(db, { before: undefined, limit: 9 })).toEqual([]);
      expect(await pinBuild(db, build.id, pin('ann'))).toBe(false);
      expect(await deletingBuilds(db, 9)).toMatchObject([{ id: build.id, number: build.number }]);
    });

    test('neither a pinned one nor one that has not ended is marked', async () => {
      const { db } = context.store;
      const pinned = await ended();
      await pinBuild(db, pinned.id, pin('ann'));
      expect(await markDeleting(db, pinned.id, 5)).toBe(false);
      expect(await findBuild(db, pinned.id)).toMatchObject({
        pinned_by: 'ann',
        pinned_at: 3,
        pin_reason: 'why',
      });
      await pinBuild(db, pinned.id, { pinned_by: null, pinned_at: null, pin_reason: null });
      expect(await markDeleting(db, pinned.id, 5)).toBe(true);
      expect(await markDeleting(db, (await ended({ state: 'running' })).id, 5)).toBe(false);
    });

    test('what it takes, and what remains of it, are told; then all of it goes at once, and nothing else', async () => {
      const { db } = context.store;
      const { build, job, step, artifact } = await whole();
      const kept = await whole();
      expect(await storedBytesOf(db, [build.id, newId()])).toEqual(new Map([[build.id, 17]]));
      expect(await remainsOf(db, build.id)).toEqual({
        artifacts: [artifact],
        logs: [{ build: build.id, job, step }],
      });
      // Not marked: it stays.
      await deleteBuild(db, build.id);
      expect(await findBuild(db, build.id)).toBeDefined();
      expect(await filesWithBlobs(db, artifact, ['b'])).toEqual(['b']);
      await markDeleting(db, build.id, 5);
      await deleteBuild(db, build.id);
      for (const table of ['builds', 'jobs', 'steps', 'artifacts', 'artifact_files'] as const) {
        const rows = await db.selectFrom(table).selectAll().execute();
        expect({ table, rows: rows.length }).toEqual({ table, rows: 1 });
      }
      expect(await findJob(db, kept.job)).toBeDefined();
    });
  });

  describe('what needs a build', () => {
    test('a node that is not gone', async () => {
      const { db } = context.store;
      const { build, job } = await whole();
      const node = await addNode(db, { state: 'held' });
      await insertLease(db, {
        lease: { id: newId(), job_id: job, epoch: 1, state: 'ended', created_at: 1 },
        nodes: [{ node_id: node, role: 'main' }],
      });
      expect(await uses(build)).toEqual([`its node ${node} is held`]);
      await db.updateTable('nodes').set({ state: 'deleted' }).execute();
      expect(await uses(build)).toEqual([]);
    });

    test('a hold, and that of a machine that was started again', async () => {
      const { db } = context.store;
      const [first, second] = [await whole(), await whole()];
      await insertHold(db, {
        id: 'h1',
        state: 'held',
        state_since: 1,
        outcome: null,
        origin: 'resume',
        owner: 'ann',
        reason: null,
        node_id: newId(),
        cloud: 'c',
        template: 't',
        build_id: second.build.id,
        job_id: second.job,
        scene_job_id: first.job,
        wanted_ms: null,
        admitted: 1,
        expires_at: null,
        latest_at: null,
        reminded_for: null,
        used_at: null,
        version_id: null,
        resumes: null,
        created_at: 1,
      });
      expect(await uses(first.build)).toEqual(['hold h1 is of it']);
      expect(await uses(second.build)).toEqual(['hold h1 is of it']);
      await db.updateTable('holds').set({ state: 'released' }).execute();
      expect([...(await uses(first.build)), ...(await uses(second.build))]).toEqual([]);
    });

    test('results that a rerun has of it, and a rerun that has not ended', async () => {
      const { db } = context.store;
      const first = await whole();
      const rerun = await ended({ state: 'running', rerun_of: first.build.id });
      await insertJobs(db, [job(rerun, { reused_from: first.job })]);
      await insertJobs(db, [job(rerun, { key: 'b', reused_from: first.job })]);
      expect((await uses(first.build)).toSorted()).toEqual([
        'build 2 has results of it',
        'build 2, which has not ended, repeats it',
      ]);
      await db.updateTable('builds').set({ state: 'finished' }).execute();
      expect(await uses(first.build)).toEqual(['build 2 has results of it']);
      await markDeleting(db, rerun.id, 5);
      expect(await uses(first.build)).toEqual([]);
    });

    test('an artifact that waits, and reports that nobody has read', async () => {
      const { db } = context.store;
      const { build, artifact } = await whole();
      await db.updateTable('artifacts').set({ state: 'waiting' }).where('id', '=', artifact).execute();
      expect(await uses(build)).toEqual(['artifact out is on its way to the storage']);
      await db.updateTable('artifacts').set({ state: 'complete', role: 'junit' }).execute();
      expect(await uses(build)).toEqual(['its reports of tests are still to be read']);
      await db.updateTable('artifacts').set({ read_at: 1 }).execute();
      expect(await uses(build)).toEqual([]);
    });
  });

  describe('objects and their rows', () => {
    test('artifacts expire by their own time, or by the time that holds for all', async () => {
      const { db } = context.store;
      const dated = await whole();
      const undated = await whole();
      await db.updateTable('artifacts').set({ expires_at: 50 }).where('id', '=', dated.artifact).execute();
      await db.updateTable('artifacts').set({ finished_at: 20 }).execute();
      const due = async (now: number, before: number | null) =>
        (await artifactsToExpire(db, { now, before, limit: 9 })).map(({ id }) => id);
      expect(await due(49, null)).toEqual([]);
      expect(await due(50, 19)).toEqual([dated.artifact]);
      expect(await due(50, 20)).toEqual([dated.artifact, undated.artifact]);
      expect(await nextExpiry(db, 49)).toBe(50);
      expect(await nextExpiry(db, 50)).toBeNull();
      expect(await oldestUndated(db, 19)).toBe(20);
      await pinBuild(db, dated.build.id, pin('ann'));
      expect(await due(50, 20)).toEqual([undated.artifact]);
    });

    test('are found by the names of the objects', async () => {
      const { db } = context.store;
      const source = { blob: 'sources/a', bytes: 7, sha256: 'a', commit: 'c', ref: null };
      const { build, step, artifact } = await whole({ source });
      expect(await cachesAndSources(db, ['sources/a', 'sources/b'])).toEqual(['sources/a']);
      expect(await knownSteps(db, [step, 'other'], { isOpen: false })).toEqual([step]);
      expect(await knownSteps(db, [step], { isOpen: true })).toEqual([]);
      expect(await statesOfArtifacts(db, [artifact, 'other'])).toEqual(
        new Map([[artifact, { state: 'complete', archive: null }]]),
      );
      const page = { after: '', limit: 9 };
      expect(await storedArtifacts(db, page)).toMatchObject([{ id: artifact, build: build.number }]);
      expect(await storedArtifacts(db, { ...page, only: 'other' })).toEqual([]);
      expect(await storedLogs(db, page)).toMatchObject([{ id: step, bytes: 7, buildId: build.id }]);
      expect(await storedLogs(db, { after: step, limit: 9 })).toEqual([]);
    });
  });

  function ended(change: Partial<NewBuild> = {}): Promise<Build> {
    return addBuild(context.store.db, { state: 'finished', result: 'success', finished_at: 2, ...change });
  }

  async function uses(build: Build): Promise<string[]> {
    const { db } = context.store;
    const own = await usesOfBuilds(db, [build.id]);
    const all = (await usesOfBuilds(db)).filter((use) => use.build === build.id);
    expect(own.filter((use) => use.build === build.id)).toEqual(all);
    return all.map(({ why }) => why);
  }

  /** A build with a job, a log and an artifact in the storage. */
  async function whole(change: Partial<NewBuild> = {}) {
    const { db } = context.store;
    const build = await ended(change);
    const own = job(build);
    await insertJobs(db, [own]);
    const step = stepRow(own.id, { state: 'finished', archived_bytes: 7 });
    await insertSteps(db, [step]);
    const artifact = artifactRow(own.id, { state: 'complete', files: 1, bytes: 4, stored_bytes: 10 });
    await insertArtifacts(db, [artifact]);
    const file = { bytes: 4, sha256: 'x', mode: 0o644, blob: 'b', link: null, tar_offset: null };
    await putFiles(db, [{ artifact_id: artifact.id, path: 'a', ...file }]);
    return { build, job: own.id, step: step.id, artifact: artifact.id };
  }
}

function pin(by: string) {
  return { pinned_by: by, pinned_at: 3, pin_reason: 'why' };
}

function job(build: Build, change: Partial<NewJob> = {}): NewJob {
  return jobRow(build.id, { state: 'finished', finished_at: 2, ...change });
}
