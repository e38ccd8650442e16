import { describe, expect, test } from 'vitest';
import { createJournal, type Journal } from '#controller/events';
import { freshVersion, nextNumber, planRemovals, promote, retireVersion } from '#controller/images';
import {
  agesOfStreams,
  awaitedStreams,
  bytesOfVersions,
  countVersions,
  findVersion,
  insertVersion,
  liveNodesOfVersion,
  lockStream,
  type ImageVersion,
  type Store,
} from '#controller/store';
import type { Context } from './context.ts';
import { addJob, addNode } from './rows.ts';

const NOW = 1_000_000;
const SETTINGS = { preparedBytes: null, heldMs: 14 * 24 * 3_600_000 };

export function describeImageUses(context: Context): void {
  describe('versions of images', () => {
    test('that nodes, jobs or other versions need stay; the others go', async () => {
      const { db } = context.store;
      const [free, ofNode, ofCapture, ofJob, ofChild] = await several(context.store, 5, { state: 'failed' });
      await addNode(db, { state: 'ready', version_id: ofNode?.id ?? '' });
      await addNode(db, { state: 'deleted', version_id: free?.id ?? '' });
      await addNode(db, { state: 'leased', capture_id: ofCapture?.id ?? '' });
      await addJob(db, { images: { 'lab/vm': ofJob?.id ?? '', 'lab/other': null } });
      await addJob(db, { state: 'finished', images: { 'lab/vm': free?.id ?? '' } });
      await several(context.store, 1, { state: 'verifying', parent: ofChild?.id ?? '' });
      const planned = await planRemovals(db, NOW, SETTINGS);
      expect(planned.map(({ version }) => version.id)).toEqual([free?.id]);
    });

    test('of a launch and a removal at the same time, one comes first, and the other one sees it', async () => {
      const { store } = context;
      const journal = journalOn(store);
      const versions = await Promise.all(
        Array.from({ length: 20 }, async (_, turn) => put(journal, { stream: `s${turn}` })),
      );
      const outcomes = await Promise.all(
        versions.map(async ({ id, stream, cloud }) => {
          const launched = store.transaction(async (db) => {
            await lockStream(db, { name: stream, cloud });
            if ((await findVersion(db, id))?.state === 'ready') await addNode(db, { version_id: id });
          });
          const retired = journal.commit((tx) => retireVersion(tx, id, 'enough')).catch(() => undefined);
          await Promise.all([launched, retired]);
          const nodes = await liveNodesOfVersion(store.db, id);
          return [nodes.length, (await findVersion(store.db, id))?.state];
        }),
      );
      for (const outcome of outcomes)
        expect([
          [1, 'ready'],
          [0, 'retired'],
        ]).toContainEqual(outcome);
    });

    test('have numbers that are never used again, though the row of their stream has gone', async () => {
      const journal = journalOn(context.store);
      const id = { name: 'prepared/a', cloud: 'lab' };
      const { number } = await put(journal, { stream: id.name, state: 'deleted' });
      await context.store.db.deleteFrom('image_streams').where('name', '=', id.name).execute();
      const next = await journal.commit((tx) => nextNumber(tx, id, { keep: 1, refreshAfterMs: null }));
      expect(next).toBe(number + 1);
    });

    test('are counted, and weighed by the kind of their streams', async () => {
      const journal = journalOn(context.store);
      await put(journal, { bytes: 2 ** 40 });
      await put(journal, { bytes: 5, state: 'verifying' });
      await put(journal, { bytes: null, state: 'capturing' });
      await put(journal, { bytes: 9, state: 'deleted' });
      await put(journal, { bytes: 7, stream: 'prepared/a' });
      expect(await countVersions(context.store.db)).toEqual([
        { state: 'capturing', count: 1 },
        { state: 'ready', count: 2 },
        { state: 'verifying', count: 1 },
      ]);
      expect(await bytesOfVersions(context.store.db)).toEqual([
        { kind: 'named', bytes: 2 ** 40 + 5 },
        { kind: 'prepared', bytes: 7 },
      ]);
    });

    test('have an age in their streams while they are current', async () => {
      const journal = journalOn(context.store);
      const version = await put(journal, { captured_at: NOW - 5 });
      const ages = () => agesOfStreams(context.store.db);
      expect(await ages()).toMatchObject([{ stream: { name: 'base', cloud: 'lab' }, current: null }]);
      await journal.commit((tx) => promote(tx, version.id));
      expect(await ages()).toMatchObject([{ current: { captured_at: NOW - 5, created_at: NOW } }]);
    });

    test('that jobs wait for have streams that are known', async () => {
      const streams = [{ name: 'prepared/a', cloud: 'lab', template: 'vm' }];
      const preparation = { state: 'waiting' as const, reason: null, streams };
      await addJob(context.store.db, { preparing: 1, preparation });
      await addJob(context.store.db, { preparing: 0, preparation });
      expect(await awaitedStreams(context.store.db)).toEqual(streams);
    });
  });
}

function journalOn(store: Store): Journal {
  return createJournal({ store, clock: { now: () => NOW, after: () => () => undefined } });
}

async function several(store: Store, count: number, given: Partial<ImageVersion>): Promise<ImageVersion[]> {
  const versions: ImageVersion[] = [];
  for (let turn = 0; turn < count; turn++) versions.push(await put(journalOn(store), given));
  return versions;
}

function put(journal: Journal, given: Partial<ImageVersion> = {}): Promise<ImageVersion> {
  return journal.commit(async (tx) => {
    const id = { name: given.stream ?? 'base', cloud: 'lab' };
    const number = await nextNumber(tx, id, { keep: 3, refreshAfterMs: null });
    const version: ImageVersion = { ...freshVersion(tx, id, number), state: 'ready', ...given };
    await insertVersion(tx.db, version);
    return version;
  });
}
