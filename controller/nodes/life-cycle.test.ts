import { expect, test } from 'vitest';
import { createSystemClock } from '#controller/clock';
import { createJournal, type Journal } from '#controller/events';
import { findNode, openStore, type NodeState, type Store } from '#controller/store';
import { intendNode } from '../provisioner/intend-node.ts';
import { failNode, moveNode, retireUnleased } from './life-cycle.ts';

const TEMPLATE = {
  cloud: 'local',
  name: 'host',
  labels: new Set(['linux']),
  settings: {},
  maxNodes: 1,
  minReady: 0,
};
const TO_READY = ['planned', 'launching', 'connecting', 'checking', 'ready'] as const satisfies NodeState[];

test('a node that a job has got is not taken away by whoever thought that nobody wants it (I1, L2)', async () => {
  const { store, journal } = await openJournal();
  const id = await nodeIn(journal, [...TO_READY, 'leased']);

  expect(await journal.commit((tx) => retireUnleased(tx, id, 'no job wants it'))).toBeUndefined();
  expect(await journal.commit((tx) => failNode(tx, id, 'it took too long'))).toBe(false);
  expect(await findNode(store.db, id)).toMatchObject({ state: 'leased', reason: null });
  await store.close();
});

test('a node that nobody has got goes, and says why', async () => {
  const { store, journal } = await openJournal();
  const id = await nodeIn(journal, TO_READY);

  await journal.commit((tx) => retireUnleased(tx, id, 'no job wants it'));
  expect(await findNode(store.db, id)).toMatchObject({ state: 'deleting', reason: 'no job wants it' });
  await store.close();
});

async function openJournal(): Promise<{ store: Store; journal: Journal }> {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  return { store, journal: createJournal({ store, clock: createSystemClock() }) };
}

/** A node that has gone through these states. */
async function nodeIn(journal: Journal, path: readonly NodeState[]): Promise<string> {
  return journal.commit(async (tx) => {
    const { id } = await intendNode(tx, TEMPLATE, null);
    for (const [index, to] of path.entries()) {
      const from = path[index - 1];
      if (from !== undefined) await moveNode(tx, id, [from], to);
    }
    return id;
  });
}
