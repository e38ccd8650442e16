import {
  cachesWithKey,
  deleteCache,
  insertCache,
  leastUsedCaches,
  newId,
  newestCache,
  retireCache,
  totalCacheBytes,
  touchCache,
  type CacheEntry,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';

const PLACE = { scopes: ['project:1#pr-2', 'project:1'], version: 'v' };

export function describeCaches(context: Context): void {
  describe('caches', () => {
    test('are found by the very key, in the scopes that are asked for, and in one version', async () => {
      const { db } = context.store;
      const wanted = [entry({ key: 'a' }), entry({ key: 'a', scope: 'project:1#pr-2' })];
      const others = [
        entry({ key: 'a', scope: 'project:2' }),
        entry({ key: 'a', version: 'w' }),
        entry({ key: 'ab' }),
      ];
      for (const row of [...wanted, ...others]) await insertCache(db, row);
      const found = await cachesWithKey(db, PLACE, 'a');
      expect(found.map(({ id }) => id).sort()).toEqual(wanted.map(({ id }) => id).sort());
    });

    test('are found by the beginning of their keys, the newest first, and no character of it is a wildcard', async () => {
      const { db } = context.store;
      const older = entry({ key: 'n%_-Ä😀-1', created_at: 1 });
      const newer = entry({ key: 'n%_-Ä😀-2', created_at: 2, scope: 'project:1#pr-2' });
      const others = [
        entry({ key: 'nnn-Ä😀-3', created_at: 3 }),
        entry({ key: 'N%_-Ä😀-4', created_at: 4 }),
        entry({ key: 'n%_-Ä😀-5', created_at: 5, scope: 'project:1#pr-3' }),
      ];
      for (const row of [older, newer, ...others]) await insertCache(db, row);
      expect(await newestCache(db, PLACE, 'n%_-Ä😀-')).toEqual(newer);
      expect(await newestCache(db, { ...PLACE, scopes: ['project:1'] }, 'n%_-')).toEqual(older);
      expect(await newestCache(db, PLACE, 'n%_-Ä😀-9')).toBeUndefined();
    });

    test('keep the first of a key', async () => {
      const { db } = context.store;
      const first = entry({ key: 'a' });
      expect(await insertCache(db, first)).toBe(true);
      expect(await insertCache(db, entry({ key: 'a' }))).toBe(false);
      expect(await cachesWithKey(db, PLACE, 'a')).toEqual([first]);
    });

    test('that are being removed are not found or used any more; one that was used meanwhile stays', async () => {
      const { db } = context.store;
      const row = entry({ key: 'a', used_at: 5 });
      await insertCache(db, row);
      expect(await touchCache(db, row.id, 6)).toBe(true);
      expect(await retireCache(db, row)).toBe(false);
      expect(await retireCache(db, { ...row, used_at: 6 })).toBe(true);
      expect(await touchCache(db, row.id, 7)).toBe(false);
      expect(await cachesWithKey(db, PLACE, 'a')).toEqual([]);
      expect(await newestCache(db, PLACE, '')).toBeUndefined();
      await deleteCache(db, row.id);
      expect(await leastUsedCaches(db, 10)).toEqual([]);
    });

    test('come in the order of their use, and their bytes are summed up', async () => {
      const { db } = context.store;
      expect(await totalCacheBytes(db)).toBe(0);
      for (const used_at of [3, 1, 2])
        await insertCache(db, entry({ key: `${used_at}`, used_at, bytes: 2 ** 40 }));
      expect((await leastUsedCaches(db, 2)).map(({ key }) => key)).toEqual(['1', '2']);
      expect(await totalCacheBytes(db)).toBe(3 * 2 ** 40);
    });
  });
}

function entry(change: Partial<CacheEntry>): CacheEntry {
  return {
    id: newId(),
    scope: 'project:1',
    key: 'key',
    version: 'v',
    blob: 'artifacts/1/2',
    bytes: 1,
    sha256: '0'.repeat(64),
    created_at: 1,
    used_at: 1,
    ...change,
  };
}
