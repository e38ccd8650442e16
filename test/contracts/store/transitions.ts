import {
  appendEvents,
  eventsAfter,
  findBuild,
  findJob,
  findNode,
  insertSteps,
  swapState,
  updateStep,
  type Db,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, addJob, addNode, eventRow, stepRow } from './rows.ts';

export function describeTransitions(context: Context): void {
  describe('a transition', () => {
    test('changes the state, the time and what goes with it, and returns the row', async () => {
      const id = await addNode(context.store.db);
      const node = await swapState(
        context.store.db,
        'nodes',
        id,
        ['planned'],
        'launching',
        { reason: 'a job waits', launched_at: 5 },
        7,
      );
      expect(node).toMatchObject({
        id,
        state: 'launching',
        state_since: 7,
        reason: 'a job waits',
        launched_at: 5,
      });
      expect(await findNode(context.store.db, id)).toEqual(node);
    });

    test('does nothing from another state, for nobody, or from no state', async () => {
      const { db } = context.store;
      const id = await addJob(db);
      expect(
        await swapState(db, 'jobs', id, ['leased', 'running'], 'finished', undefined, 9),
      ).toBeUndefined();
      expect(await swapState(db, 'jobs', 'nobody', ['queued'], 'leased', undefined, 9)).toBeUndefined();
      expect(await swapState(db, 'jobs', id, [], 'leased', undefined, 9)).toBeUndefined();
      expect(await findJob(db, id)).toMatchObject({ state: 'queued', state_since: 1 });
    });

    test('of two controllers that try at once, one wins', async () => {
      const rival = await context.open();
      const stores = [context.store, rival, context.store, rival];
      for (let round = 0; round < 10; round++) {
        const id = await addNode(context.store.db, { state: 'ready' });
        const swapped = await Promise.all(
          stores.map((store, i) =>
            store.transaction((db) => swapState(db, 'nodes', id, ['ready'], 'leased', { reason: `${i}` }, 9)),
          ),
        );
        const winners = swapped.filter((node) => node !== undefined);
        expect(winners).toHaveLength(1);
        expect(await findNode(context.store.db, id)).toEqual(winners[0]);
      }
    });

    test('a step that is finished no longer changes', async () => {
      const { db } = context.store;
      const step = stepRow(await addJob(db));
      await insertSteps(db, [step]);
      expect(await updateStep(db, step.id, { log_bytes: 7 })).toMatchObject({
        log_bytes: 7,
        state: 'pending',
      });
      await swapState(db, 'steps', step.id, ['pending', 'running'], 'finished', { result: 'success' }, 9);
      expect(await updateStep(db, step.id, { log_bytes: 8 })).toBeUndefined();
    });
  });

  describe('a transaction', () => {
    test('is all or nothing', async () => {
      const build = await addBuild(context.store.db);
      const work = context.store.transaction(async (db) => {
        await start(db, build.id);
        throw new Error('no');
      });
      await expect(work).rejects.toThrow('no');
      expect(await findBuild(context.store.db, build.id)).toEqual(build);
      expect(await eventsAfter(context.store.db, 0, { limit: 9 })).toEqual([]);
    });

    test('is invisible to others until it is committed', async () => {
      const build = await addBuild(context.store.db);
      const other = await context.open();
      await context.store.transaction(async (db) => {
        await start(db, build.id);
        expect(await findBuild(other.db, build.id)).toMatchObject({ state: 'queued' });
      });
      expect(await findBuild(other.db, build.id)).toMatchObject({ state: 'running' });
    });

    test('two that take the same rows in opposite order both get done', async () => {
      const rival = await context.open();
      const [one, two] = [await addNode(context.store.db), await addNode(context.store.db)];
      const meeting = Promise.withResolvers<void>();
      let waiting = 0;
      async function leaseBoth(store: typeof rival, first: string, second: string): Promise<void> {
        let attempts = 0;
        await store.transaction(async (db) => {
          attempts += 1;
          await swapState(db, 'nodes', first, ['planned'], 'planned', undefined, 1);
          waiting += 1;
          // On PostgreSQL both hold one row now. On SQLite the second can't have come this far.
          if (waiting === 2 || store.dialect === 'sqlite') meeting.resolve();
          if (attempts === 1) await meeting.promise;
          await swapState(db, 'nodes', second, ['planned'], 'planned', undefined, 2);
        });
      }
      await Promise.all([leaseBoth(context.store, one, two), leaseBoth(rival, two, one)]);
      expect(await findNode(context.store.db, one)).toMatchObject({ state: 'planned' });
    });
  });
}

async function start(db: Db, id: string): Promise<void> {
  await swapState(db, 'builds', id, ['queued'], 'running', { started_at: 2 }, 2);
  await appendEvents(db, [eventRow(id)]);
}
