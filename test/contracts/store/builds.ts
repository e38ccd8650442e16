import {
  findBuildByNumber,
  findJobByKey,
  findStep,
  insertBuild,
  insertJobs,
  insertSteps,
  jobsInStates,
  jobsOfBuild,
  listBuilds,
  queuedJobs,
  stepsOfJob,
  unfinishedBuilds,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, buildRow, jobRow, stepRow } from './rows.ts';

export function describeBuilds(context: Context): void {
  describe('builds', () => {
    test('are numbered without gaps or duplicates, however many come at once', async () => {
      const stores = [context.store, await context.open()];
      const builds = await Promise.all(
        Array.from({ length: 20 }, (_, i) => addBuild((stores[i % 2] ?? context.store).db)),
      );
      const numbers = builds.map((build) => build.number).toSorted((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    });

    test('a build that came to nothing leaves no gap', async () => {
      const failing = context.store.transaction(async (db) => {
        await insertBuild(db, buildRow());
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await addBuild(context.store.db)).toMatchObject({ number: 1 });
    });

    test('are listed newest first, by page, state and pipeline', async () => {
      const { db } = context.store;
      await addBuild(db, { state: 'finished' });
      await addBuild(db, { pipeline: 'docs' });
      await addBuild(db, { state: 'running' });
      await addBuild(db);
      expect(numbers(await listBuilds(db, { limit: 2 }))).toEqual([4, 3]);
      expect(numbers(await listBuilds(db, { limit: 2, before: 3 }))).toEqual([2, 1]);
      expect(numbers(await listBuilds(db, { limit: 9, pipeline: 'docs' }))).toEqual([2]);
      expect(numbers(await listBuilds(db, { limit: 9, state: 'finished' }))).toEqual([1]);
      expect(numbers(await listBuilds(db, { limit: 9, state: 'queued', pipeline: 'ceph' }))).toEqual([4]);
      expect(numbers(await unfinishedBuilds(db))).toEqual([2, 3, 4]);
      expect(await findBuildByNumber(db, 2)).toMatchObject({ pipeline: 'docs' });
      expect(await findBuildByNumber(db, 5)).toBeUndefined();
    });

    test('take everything that is theirs along when they are removed', async () => {
      const { db } = context.store;
      const build = await addBuild(db);
      const job = jobRow(build.id);
      await insertJobs(db, [job]);
      await insertSteps(db, [stepRow(job.id)]);
      await db.deleteFrom('builds').where('id', '=', build.id).execute();
      expect(await jobsOfBuild(db, build.id)).toEqual([]);
      expect(await stepsOfJob(db, job.id)).toEqual([]);
    });
  });

  describe('jobs', () => {
    test('come in the order of the pipeline, also by the thousand', async () => {
      const { db } = context.store;
      const build = await addBuild(db);
      const rows = Array.from({ length: 2500 }, (_, i) => jobRow(build.id, { key: `k${i}`, position: i }));
      await insertJobs(db, rows.toReversed());
      expect((await jobsOfBuild(db, build.id)).map((job) => job.key)).toEqual(rows.map((row) => row.key));
      expect(await findJobByKey(db, build.id, 'k7')).toMatchObject({ position: 7 });
      expect(await findJobByKey(db, 'another build', 'k7')).toBeUndefined();
    });

    test('are all inserted or none', async () => {
      const { db } = context.store;
      const build = await addBuild(db);
      const rows = Array.from({ length: 1200 }, (_, i) => jobRow(build.id, { key: `k${i % 1199}` }));
      await expect(insertJobs(db, rows)).rejects.toThrow();
      expect(await jobsOfBuild(db, build.id)).toEqual([]);
      await insertJobs(db, []);
    });

    test('queue by waiting time, then by build, then by position', async () => {
      const { db } = context.store;
      const first = await addBuild(db);
      const second = await addBuild(db);
      await insertJobs(db, [
        jobRow(second.id, { id: 'c', key: 'c', queued_at: 5 }),
        jobRow(first.id, { id: 'b', key: 'b', queued_at: 5, position: 1 }),
        jobRow(first.id, { id: 'a', key: 'a', queued_at: 5, position: 0 }),
        jobRow(second.id, { id: 'z', key: 'z', queued_at: 4, position: 9 }),
        jobRow(second.id, { key: 'blocked', state: 'blocked', queued_at: null }),
      ]);
      const ids = async (limit: number) => (await queuedJobs(db, limit)).map((job) => job.id);
      expect(await ids(10)).toEqual(['z', 'a', 'b', 'c']);
      expect(await ids(2)).toEqual(['z', 'a']);
    });

    test('are found by their states', async () => {
      const { db } = context.store;
      const build = await addBuild(db);
      await insertJobs(db, [
        jobRow(build.id, { key: 'q', state_since: 2 }),
        jobRow(build.id, { key: 'r', state: 'running', state_since: 1 }),
        jobRow(build.id, { key: 'f', state: 'finished', state_since: 3 }),
      ]);
      const keys = async (states: Parameters<typeof jobsInStates>[1]) =>
        (await jobsInStates(db, states)).map((job) => job.key);
      expect(await keys(['queued', 'running'])).toEqual(['r', 'q']);
      expect(await keys(['finished', 'queued'])).toEqual(['q', 'f']);
      expect(await keys([])).toEqual([]);
    });

    test('steps come in the order in which they run', async () => {
      const { db } = context.store;
      const build = await addBuild(db);
      const job = jobRow(build.id);
      await insertJobs(db, [job]);
      const steps = [2, 0, 1].map((position) => stepRow(job.id, { position, name: `${position}` }));
      await insertSteps(db, steps);
      expect((await stepsOfJob(db, job.id)).map((step) => step.name)).toEqual(['0', '1', '2']);
      expect(await findStep(db, steps[0]?.id ?? '')).toMatchObject({
        name: '2',
        state: 'pending',
        result: null,
      });
    });
  });
}

function numbers(builds: { number: number }[]): number[] {
  return builds.map((build) => build.number);
}
