import { describe, expect, test } from 'vitest';
import { createJournal, type Journal } from '#controller/events';
import {
  createVersionKeeper,
  freshVersion,
  nextNumber,
  promote,
  type VersionKeeper,
} from '#controller/images';
import { createLogger } from '#controller/logger';
import {
  brokenStreams,
  findStream,
  insertVersion,
  isVerifying,
  newestFailuresOf,
  versionsInStates,
  type ImageVersion,
  type Store,
} from '#controller/store';
import type { Context } from './context.ts';
import { addBuild, addNode } from './rows.ts';

const NOW = 1_000_000;
const CLOCK = { now: () => NOW, after: () => () => undefined };
const FAILED = { state: 'deleted', failure: 'connect', created_at: NOW + 1, ready_at: null } as const;

export function describeVersionKeeping(context: Context): void {
  describe('versions of images that are looked after', () => {
    test('are found by their states', async () => {
      const { db } = context.store;
      const journal = createJournal({ store: context.store, clock: CLOCK });
      const made = await put(journal, { state: 'verifying', build_id: 'b' });
      await put(journal, { state: 'ready', build_id: 'c' });
      const found = await versionsInStates(db, ['capturing', 'verifying']);
      expect(found.map(({ id }) => id)).toEqual([made.id]);
      expect([await isVerifying(db, 'b'), await isVerifying(db, 'c')]).toEqual([true, false]);
    });

    test('are broken when so many nodes failed since their promotion, and none was ready', async () => {
      const { db } = context.store;
      const journal = createJournal({ store: context.store, clock: CLOCK });
      const { id } = await put(journal, {});
      await journal.commit((tx) => promote(tx, id));
      await addNode(db, { version_id: id, state: 'deleted', created_at: NOW - 9, ready_at: NOW - 5 });
      await addNode(db, { ...FAILED, version_id: id, created_at: NOW - 1 });
      await addNode(db, { ...FAILED, version_id: id, failure: 'aborted' });
      await addNode(db, { ...FAILED, version_id: id });
      expect(await brokenStreams(db, 2)).toEqual([]);
      const last = await addNode(db, { ...FAILED, version_id: id, failure: 'check' });
      expect(await brokenStreams(db, 2)).toMatchObject([{ name: 'base', cloud: 'lab', current: id }]);
      expect(await newestFailuresOf(db, id, 1)).toMatchObject([{ id: last, failure: 'check' }]);
      await addNode(db, { version_id: id, state: 'ready', ready_at: NOW + 2 });
      expect(await brokenStreams(db, 2)).toEqual([]);
    });

    test('are promoted in all their clouds though two controllers look after them', async () => {
      const journal = createJournal({ store: context.store, clock: CLOCK });
      const { id: build } = await addBuild(context.store.db);
      const names = Array.from({ length: 10 }, (_, turn) => `s${turn}`);
      for (const stream of names)
        for (const cloud of ['lab', 'hut'])
          await put(journal, {
            stream,
            cloud,
            state: 'candidate',
            build_id: build,
            promotion: { how: 'when-all', clouds: ['lab', 'hut'] },
          });
      const { signal } = new AbortController();
      const keepers = [keeperOn(context.store), keeperOn(context.store)];
      await Promise.all(keepers.map((keeper) => keeper.run(signal)));
      for (const name of names)
        for (const cloud of ['lab', 'hut'])
          expect(await findStream(context.store.db, { name, cloud })).toMatchObject({
            current: expect.any(String),
            generation: 1,
          });
    });
  });
}

function keeperOn(store: Store): VersionKeeper {
  return createVersionKeeper({
    store,
    journal: createJournal({ store, clock: CLOCK }),
    clock: CLOCK,
    logger: createLogger('silent'),
    logs: { open: () => Promise.reject(new Error('nothing is captured')) } as never,
    fleet: { connection: () => undefined, template: () => undefined },
    heldNodes: { pack: () => Promise.reject(new Error('nothing is captured')) },
    settings: () => ({ captureMs: 1000, rollBackAfter: 3 }),
    submitDefaults: { queueTimeoutMs: 1000 },
    signal: new AbortController().signal,
  });
}

function put(journal: Journal, given: Partial<ImageVersion>): Promise<ImageVersion> {
  return journal.commit(async (tx) => {
    const id = { name: given.stream ?? 'base', cloud: given.cloud ?? 'lab' };
    const number = await nextNumber(tx, id, { keep: 3, refreshAfterMs: null });
    const version: ImageVersion = { ...freshVersion(tx, id, number), state: 'ready', ...given };
    await insertVersion(tx.db, version);
    return version;
  });
}
