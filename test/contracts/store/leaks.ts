import { closeLeak, countLeaks, insertLeak, openLeaks, recentLeaks } from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';

export function describeLeaks(context: Context): void {
  describe('leaks', () => {
    test('one that is there is noted once, and again when it comes back', async () => {
      const { db } = context.store;
      expect(await insertLeak(db, leak('1'))).toBe(true);
      expect(await insertLeak(db, leak('2'))).toBe(false);
      expect(await closeLeak(db, '1', 9)).toMatchObject({ resource: 'c1', removed_at: 9 });
      expect(await closeLeak(db, '1', 10)).toBeUndefined();
      expect(await insertLeak(db, leak('3'))).toBe(true);
      expect(await recentLeaks(db, 10)).toMatchObject([
        { id: '3', removed_at: null },
        { id: '1', removed_at: 9 },
      ]);
    });

    test('are counted for each cloud', async () => {
      const { db } = context.store;
      await insertLeak(db, leak('1'));
      await insertLeak(db, leak('2', { resource: 'c2' }));
      await insertLeak(db, leak('3', { cloud: 'attic' }));
      await closeLeak(db, '1', 9);
      expect(await countLeaks(db)).toEqual([
        { cloud: 'attic', found: 1, removed: 0 },
        { cloud: 'lab', found: 2, removed: 1 },
      ]);
      expect(await openLeaks(db, 'lab')).toMatchObject([{ id: '2' }]);
    });
  });
}

function leak(id: string, given: { cloud?: string; resource?: string } = {}) {
  const known = {
    cloud: 'lab',
    resource: 'c1',
    node_id: 'n',
    kind: 'container',
    reason: 'no node',
    found_at: 1,
  };
  return { id, ...known, ...given };
}
