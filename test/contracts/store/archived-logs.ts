import { describe, expect, test } from 'vitest';
import {
  archivedBytes,
  firstUnarchived,
  insertSteps,
  setArchivedBytes,
  unarchivedLogs,
  type Db,
  type NewStep,
  type UnarchivedLog,
} from '#controller/store';
import type { Context } from './context.ts';
import { addJob, stepRow } from './rows.ts';

export function describeArchivedLogs(context: Context): void {
  describe('logs that go to the storage', () => {
    test('are those of steps that ran, of jobs that ended, in the order of their ends', async () => {
      const { db } = context.store;
      const late = await addStep(db, 70);
      const early = await addStep(db, 50);
      const same = await addStep(db, 50);
      await addStep(db, 50, { started_at: null });
      await addStep(db, 50, { archived_bytes: 0 });
      await addStep(db, 200);
      const running = await addJob(db, { state: 'running' });
      await insertSteps(db, [stepRow(running, { state: 'finished', started_at: 1, finished_at: 5 })]);

      const all = await unarchivedLogs(db, { before: 100, limit: 9 });
      expect(stepsOf(all)).toEqual([...[early, same].toSorted(), late]);
      const [first] = all;
      expect(stepsOf(await unarchivedLogs(db, { before: 100, limit: 1, after: first }))).toEqual(
        stepsOf(all.slice(1, 2)),
      );
      expect(await firstUnarchived(db)).toBe(5);
    });

    test('of several who say where a log is, one is believed', async () => {
      const { db } = context.store;
      const step = await addStep(db, 50);
      expect(await archivedBytes(db, [step, 'nobody'])).toEqual(new Map([[step, null]]));
      const won = await Promise.all([1, 2, 3].map((bytes) => setArchivedBytes(db, step, null, bytes)));
      expect(won.filter(Boolean)).toHaveLength(1);
      const bytes = won.indexOf(true) + 1;
      expect(await archivedBytes(db, [step])).toEqual(new Map([[step, bytes]]));
      expect(await setArchivedBytes(db, step, bytes, null)).toBe(true);
      expect(await setArchivedBytes(db, 'nobody', null, 1)).toBe(false);
      expect(await archivedBytes(db, [])).toEqual(new Map());
    });
  });
}

/** Of a job that ended with it. */
async function addStep(db: Db, finishedAt: number, change: Partial<NewStep> = {}): Promise<string> {
  const job = await addJob(db, { state: 'finished', finished_at: finishedAt });
  const step = stepRow(job, { state: 'finished', started_at: 1, finished_at: finishedAt, ...change });
  await insertSteps(db, [step]);
  return step.id;
}

function stepsOf(logs: readonly UnarchivedLog[]): string[] {
  return logs.map(({ step }) => step);
}
