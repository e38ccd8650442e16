import { appendEvents, eventsAfter, lastSeq, pruneEvents, type Event, type Store } from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addBuild, eventRow } from './rows.ts';

export function describeEvents(context: Context): void {
  describe('events', () => {
    test('are read from any point, of all or of one build', async () => {
      const { db } = context.store;
      expect(await lastSeq(db)).toBe(0);
      const [one, two] = [await addBuild(db), await addBuild(db)];
      const rows = [
        eventRow(one.id, { state: 'queued' }),
        { ...eventRow(two.id), kind: 'job' as const, job_id: 'j', node_id: 'n' },
        eventRow(one.id, { state: 'running' }),
      ];
      await appendEvents(db, rows.slice(0, 2));
      await appendEvents(db, rows.slice(2));
      const all = await eventsAfter(db, 0, { limit: 9 });
      const [first, second, third] = all;
      expect(all).toMatchObject(rows);
      expect(await eventsAfter(db, first?.seq ?? 0, { limit: 1 })).toEqual([second]);
      expect(await eventsAfter(db, 0, { limit: 9, buildId: one.id })).toEqual([first, third]);
      expect(await lastSeq(db)).toBe(third?.seq);
    });

    test('are never shown to a reader who has seen a later one', async () => {
      const rival = await context.open();
      const reader = await context.open();
      const held = Promise.withResolvers<void>();
      const drawn = Promise.withResolvers<void>();
      const early = context.store.transaction(async (db) => {
        await appendEvents(db, [eventRow(null, { who: 'early' })]);
        drawn.resolve();
        await held.promise;
      });
      await drawn.promise;
      const late = appendEvents(rival.db, [eventRow(null, { who: 'late' })]);
      // Whatever the late one does now, a reader must not see it before the early one.
      const seen: Event[] = [];
      for (let i = 0; i < 5; i++) seen.push(...(await eventsAfter(reader.db, 0, { limit: 9 })));
      held.resolve();
      await Promise.all([early, late]);
      expect(seen).toEqual([]);
      expect((await eventsAfter(reader.db, 0, { limit: 9 })).map((event) => event.data)).toEqual([
        { who: 'early' },
        { who: 'late' },
      ]);
    });

    test('reach a follower completely and in order while many write', async () => {
      const writers = [context.store, await context.open(), await context.open()];
      const reader = await context.open();
      const total = 150;
      const writing = Promise.all(
        Array.from({ length: total }, (_, i) => writeSlowly(writers[i % writers.length] ?? context.store, i)),
      );
      let written = false;
      void writing.then(() => (written = true));
      const followed: Event[] = [];
      for (;;) {
        const wereAllWritten = written;
        const events = await eventsAfter(reader.db, followed.at(-1)?.seq ?? 0, { limit: 7 });
        followed.push(...events);
        if (wereAllWritten && events.length === 0) break;
      }
      await writing;
      expect(followed).toHaveLength(total);
      expect(followed).toEqual(await eventsAfter(reader.db, 0, { limit: total + 1 }));
    });

    test('are pruned up to a point, the newest never', async () => {
      const { db } = context.store;
      for (let i = 0; i < 5; i++) await appendEvents(db, [eventRow(null)]);
      const all = await eventsAfter(db, 0, { limit: 9 });
      expect(await pruneEvents(db, all[2]?.seq ?? 0)).toBe(2);
      expect(await eventsAfter(db, 0, { limit: 9 })).toEqual(all.slice(2));
      const last = await lastSeq(db);
      expect(await pruneEvents(db, last + 100)).toBe(2);
      expect(await lastSeq(db)).toBe(last);
      await appendEvents(db, [eventRow(null)]);
      expect(await lastSeq(db)).toBeGreaterThan(last);
    });
  });
}

/** Statements after the event give others the time to commit before this one, if they can. */
async function writeSlowly(store: Store, i: number): Promise<void> {
  await store.transaction(async (db) => {
    await appendEvents(db, [eventRow(null, { i })]);
    for (let wait = i % 4; wait > 0; wait--) await lastSeq(db);
  });
}
