import {
  bumpSessionEpoch,
  countLiveByTemplate,
  liveNodes,
  nodesInStates,
  patchNode,
  readyNodes,
  useBootstrap,
  type NodeState,
} from '#controller/store';
import { describe, expect, test } from 'vitest';
import type { Context } from './context.ts';
import { addNode } from './rows.ts';

export function describeNodes(context: Context): void {
  describe('nodes', () => {
    test('count as live until they are deleted', async () => {
      const { db } = context.store;
      const states: NodeState[] = ['planned', 'ready', 'leased', 'held', 'failed', 'deleting', 'deleted'];
      for (const [i, state] of states.entries()) await addNode(db, { state, created_at: i });
      expect((await liveNodes(db)).map((node) => node.state)).toEqual(states.slice(0, -1));
      const found = await nodesInStates(db, ['deleted', 'held']);
      expect(found.map((node) => node.state).toSorted()).toEqual(['deleted', 'held']);
      expect(await nodesInStates(db, ['launching'])).toEqual([]);
      expect(await nodesInStates(db, [])).toEqual([]);
    });

    test('are ready in the order in which they became so', async () => {
      const { db } = context.store;
      const late = await addNode(db, { state: 'ready', ready_at: 9 });
      const early = await addNode(db, { state: 'ready', ready_at: 3 });
      await addNode(db, { state: 'leased', ready_at: 1 });
      expect((await readyNodes(db)).map((node) => node.id)).toEqual([early, late]);
    });

    test('are counted by template and state', async () => {
      const { db } = context.store;
      await addNode(db, { state: 'ready' });
      await addNode(db, { state: 'ready' });
      await addNode(db, { state: 'deleting' });
      await addNode(db, { state: 'deleted' });
      await addNode(db, { cloud: 'docker', template: 'large' });
      expect(await countLiveByTemplate(db)).toEqual([
        { cloud: 'docker', template: 'large', state: 'planned', count: 1 },
        { cloud: 'process', template: 'small', state: 'deleting', count: 1 },
        { cloud: 'process', template: 'small', state: 'ready', count: 2 },
      ]);
    });

    test('are patched only in the states that the patch is for', async () => {
      const { db } = context.store;
      const id = await addNode(db, { state: 'launching' });
      expect(await patchNode(db, id, ['launching'], { resource: 'c0ffee' })).toMatchObject({
        state: 'launching',
        state_since: 1,
        resource: 'c0ffee',
      });
      expect(await patchNode(db, id, ['deleting'], { removal_failures: 1 })).toBeUndefined();
      expect(await patchNode(db, id, ['launching'], {})).toMatchObject({ resource: 'c0ffee' });
    });

    test('give every connection an epoch of its own', async () => {
      const rival = await context.open();
      const id = await addNode(context.store.db, { state: 'connecting' });
      const epochs = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          bumpSessionEpoch((i % 2 === 0 ? context.store : rival).db, id, ['connecting', 'ready']),
        ),
      );
      expect(epochs.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(await bumpSessionEpoch(rival.db, id, ['leased'])).toBeUndefined();
    });

    test('let a bootstrap token be used once', async () => {
      const rival = await context.open();
      const id = await addNode(context.store.db);
      const used = await Promise.all([context.store, rival].map((store) => useBootstrap(store.db, id, 7)));
      expect(used.filter(Boolean)).toHaveLength(1);
      expect(await useBootstrap(rival.db, 'nobody', 7)).toBe(false);
    });
  });
}
