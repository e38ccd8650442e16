import {
  deleteHost,
  hostsFree,
  hostsLeft,
  insertHost,
  insertNode,
  listHosts,
  recentLaunches,
  swapHost,
  type Host,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { nodeRow } from './rows.ts';

export function describeHosts(context: Context): void {
  describe('static hosts', () => {
    test('are there once', async () => {
      const { db } = context.store;
      expect(await insertHost(db, row())).toBe(true);
      expect(await insertHost(db, row({ state: 'busy' }))).toBe(false);
      expect(await insertHost(db, row({ cloud: 'attic' }))).toBe(true);
      expect((await listHosts(db)).map(({ cloud, state }) => [cloud, state])).toEqual([
        ['attic', 'free'],
        ['lab', 'free'],
      ]);
    });

    test('of two who claim one at once, one gets it (L1)', async () => {
      const other = await context.open();
      await insertHost(context.store.db, row());
      const claims = await Promise.all(
        [context.store, other, context.store, other].map(({ db }, i) =>
          swapHost(db, FREE, 'busy', { node_id: `n${i}` }, 9),
        ),
      );
      const won = claims.filter((claim) => claim !== undefined);
      expect(won).toHaveLength(1);
      expect(await listHosts(other.db)).toEqual(won);
    });

    test('that came back to the same state are others', async () => {
      const { db } = context.store;
      await insertHost(db, row({ state_since: 5 }));
      expect(await swapHost(db, { ...FREE, state_since: 4 }, 'busy', {}, 9)).toBeUndefined();
      await deleteHost(db, { ...FREE, state_since: 4 });
      expect(await listHosts(db)).toHaveLength(1);
      await deleteHost(db, { ...FREE, state_since: 5 });
      expect(await listHosts(db)).toEqual([]);
    });

    test('that failed least are offered first, then those that rested longest', async () => {
      const { db } = context.store;
      await insertHost(db, row({ name: 'sick', failures: 1 }));
      await insertHost(db, row({ name: 'late', state_since: 3 }));
      await insertHost(db, row({ name: 'early', state_since: 2 }));
      await insertHost(db, row({ name: 'taken', state: 'busy' }));
      expect((await hostsFree(db)).map(({ name }) => name)).toEqual(['early', 'late', 'sick']);
    });

    test('are left by nodes that are deleted or unknown', async () => {
      const { db } = context.store;
      const gone = nodeRow({ state: 'deleted', failure: 'check', reason: 'no disk', ready_at: 7 });
      const dying = nodeRow({ state: 'deleting' });
      for (const node of [gone, dying]) await insertNode(db, node);
      await insertHost(db, row({ name: 'gone', state: 'busy', node_id: gone.id }));
      await insertHost(db, row({ name: 'dying', state: 'busy', node_id: dying.id }));
      await insertHost(db, row({ name: 'lost', state: 'busy', node_id: 'nobody' }));
      expect(await hostsLeft(db)).toMatchObject([
        { host: { name: 'gone' }, node: { failure: 'check', reason: 'no disk', ready_at: 7 } },
        { host: { name: 'lost', node_id: 'nobody' }, node: null },
      ]);
    });
  });

  test('the newest launches of a template are those that tell something', async () => {
    const { db } = context.store;
    const node = (id: string, change: Parameters<typeof nodeRow>[0]) =>
      insertNode(db, nodeRow({ id, cloud: 'lab', template: 'small', ...change }));
    await node('1', { ready_at: 1, created_at: 1 });
    await node('2', { failure: 'launch', created_at: 2 });
    await node('3', { failure: 'aborted', created_at: 3 });
    await node('4', { created_at: 4 });
    await node('5', { ready_at: 1, created_at: 5, template: 'other' });
    await node('6', { ready_at: 1, created_at: 6 });
    const seen = async (limit: number) =>
      (await recentLaunches(db, 'lab', 'small', limit)).map(({ created_at: at }) => at);
    expect(await seen(9)).toEqual([6, 2, 1]);
    expect(await seen(2)).toEqual([6, 2]);
  });
}

const FREE = { cloud: 'lab', name: 'h1', state: 'free' } as const;

function row(change: Partial<Host> = {}): Host {
  return { ...FREE, state_since: 1, reason: null, node_id: null, failures: 0, due_at: null, ...change };
}
