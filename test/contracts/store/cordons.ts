import { cordonsOf, deleteCordon, insertBuild, insertJobs, putCordon, queuedLabels } from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { buildRow, jobRow } from './rows.ts';

export function describeCordons(context: Context): void {
  describe('cordons', () => {
    test('one takes the place of another of its target; they are listed by target', async () => {
      const { db } = context.store;
      const first = { target: 'docker', reason: 'update', actor: 'ada', at: 1 };
      const other = { target: 'docker/debian', reason: 'broken', actor: 'ada', at: 2 };
      for (const cordon of [other, first]) await putCordon(db, cordon);
      expect(await cordonsOf(db)).toEqual([first, other]);
      const second = { ...first, reason: 'moved', actor: 'bob', at: 3 };
      await putCordon(db, second);
      expect(await cordonsOf(db)).toEqual([second, other]);
      expect(await deleteCordon(db, 'docker')).toEqual(second);
      expect(await deleteCordon(db, 'docker')).toBeUndefined();
      expect(await cordonsOf(db)).toEqual([other]);
    });
  });

  test('labels that jobs wait for are listed by build and place', async () => {
    const { db } = context.store;
    const builds = [buildRow(), buildRow()];
    for (const build of builds) await insertBuild(db, build);
    expect(await queuedLabels(db)).toEqual([]);
    for (const { id } of builds.toReversed()) {
      await insertJobs(db, [
        jobRow(id, { key: 'b', position: 1, state: 'queued', runs_on: 'arm' }),
        jobRow(id, { key: 'a', position: 0, state: 'queued', runs_on: 'linux' }),
        jobRow(id, { key: 'c', position: 2, state: 'blocked', runs_on: 'linux' }),
      ]);
    }
    const found = await queuedLabels(db);
    expect(found.map(({ key, runs_on: runsOn }) => [key, runsOn])).toEqual([
      ['a', 'linux'],
      ['b', 'arm'],
      ['a', 'linux'],
      ['b', 'arm'],
    ]);
    expect(found.map(({ number }) => number)).toEqual(
      found.map(({ number }) => number).toSorted((a, b) => a - b),
    );
  });
}
