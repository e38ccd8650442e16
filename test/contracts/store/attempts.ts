import {
  attemptsOfJob,
  buildsInGroup,
  delayedJobs,
  findJobByKey,
  insertJobs,
  lockGroup,
  outlinesOfBuild,
  patchBuild,
  queuedJobs,
  supersedeJob,
  waitingGroups,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, addJob, jobRow } from './rows.ts';

export function describeAttempts(context: Context): void {
  describe('attempts', () => {
    test('at one job are rows of their own, of which the newest counts', async () => {
      const { db } = context.store;
      const build = await addBuild(db);
      const first = jobRow(build.id, { state: 'finished', result: 'failure' });
      const second = jobRow(build.id, { attempt: 2, state: 'blocked', not_before: 9 });
      await insertJobs(db, [first, second]);
      await supersedeJob(db, first.id);
      expect(await attemptsOfJob(db, build.id, 'base')).toEqual([
        { id: first.id, attempt: 1, result: 'failure' },
        { id: second.id, attempt: 2, result: null },
      ]);
      expect(await outlinesOfBuild(db, build.id)).toMatchObject([{ id: second.id }]);
      expect(await findJobByKey(db, build.id, 'base')).toMatchObject({ id: second.id });
      expect(await delayedJobs(db)).toEqual([{ build_id: build.id, not_before: 9 }]);
      await expect(insertJobs(db, [jobRow(build.id, { attempt: 2 })])).rejects.toThrow();
    });

    test('wait by rank', async () => {
      const { db } = context.store;
      const late = await addJob(db, { key: 'late', rank: 20 });
      const soon = await addJob(db, { key: 'soon', rank: -5 });
      expect((await queuedJobs(db, 9)).map(({ id }) => id)).toEqual([soon, late]);
    });
  });

  describe('concurrency groups', () => {
    test('let one at a time decide, on however many controllers', async () => {
      const stores = [context.store, await context.open()];
      const builds = await Promise.all(
        Array.from({ length: 8 }, () => addBuild(context.store.db, { concurrency_group: 'g' })),
      );
      await Promise.all(
        builds.map(({ id }, index) =>
          (stores[index % 2] ?? context.store).transaction(async (db) => {
            await lockGroup(db, 'g', 1);
            const admitted = (await buildsInGroup(db, 'g')).filter(({ admitted_at: at }) => at !== null);
            if (admitted.length === 0) await patchBuild(db, id, { admitted_at: 1 });
          }),
        ),
      );
      const { db } = context.store;
      const admitted = (await buildsInGroup(db, 'g')).filter(({ admitted_at: at }) => at !== null);
      expect(admitted).toHaveLength(1);
      expect(await waitingGroups(db)).toEqual([{ concurrency_group: 'g' }]);
    });
  });
}
