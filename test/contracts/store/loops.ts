import { getMeta, putMetaIfAbsent, releaseLoop, takeLoop } from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';

const LOOP = { loop: 'scheduler', ttlMs: 10 };

export function describeLoops(context: Context): void {
  describe('a loop', () => {
    test('has one holder until it has not asked for too long', async () => {
      const { db } = context.store;
      expect(await takeLoop(db, { ...LOOP, holder: 'a', now: 100 })).toBe(true);
      expect(await takeLoop(db, { ...LOOP, holder: 'b', now: 109 })).toBe(false);
      expect(await takeLoop(db, { ...LOOP, holder: 'a', now: 109 })).toBe(true);
      expect(await takeLoop(db, { ...LOOP, holder: 'b', now: 118 })).toBe(false);
      expect(await takeLoop(db, { ...LOOP, holder: 'b', now: 119 })).toBe(true);
      expect(await takeLoop(db, { ...LOOP, holder: 'a', now: 120 })).toBe(false);
      expect(await takeLoop(db, { ...LOOP, loop: 'reaper', holder: 'a', now: 120 })).toBe(true);
    });

    test('is free when its holder lets go, and nobody else can', async () => {
      const { db } = context.store;
      await takeLoop(db, { ...LOOP, holder: 'a', now: 100 });
      await releaseLoop(db, { loop: LOOP.loop, holder: 'b' });
      expect(await takeLoop(db, { ...LOOP, holder: 'b', now: 101 })).toBe(false);
      await releaseLoop(db, { loop: LOOP.loop, holder: 'a' });
      expect(await takeLoop(db, { ...LOOP, holder: 'b', now: 101 })).toBe(true);
    });

    test('goes to one of many that want it', async () => {
      const stores = [context.store, await context.open()];
      const taken = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          takeLoop((stores[i % 2] ?? context.store).db, { ...LOOP, holder: `${i}`, now: 100 }),
        ),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('meta', () => {
    test('keeps the first value, whoever comes at the same time', async () => {
      const stores = [context.store, await context.open()];
      expect(await getMeta(context.store.db, 'controller-id')).toBeUndefined();
      const values = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          putMetaIfAbsent((stores[i % 2] ?? context.store).db, 'controller-id', `${i}`),
        ),
      );
      expect(new Set(values).size).toBe(1);
      expect(await putMetaIfAbsent(context.store.db, 'controller-id', 'late')).toBe(values[0]);
      expect(await getMeta(context.store.db, 'controller-id')).toBe(values[0]);
    });
  });
}
