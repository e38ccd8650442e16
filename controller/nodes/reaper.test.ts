import { expect, test } from 'vitest';
import type { Cloud } from '#controller/clouds';
import { createSystemClock } from '#controller/clock';
import { createJournal } from '#controller/events';
import { createLogger } from '#controller/logger';
import { findNode, openStore, type NewNode } from '#controller/store';
import { intendNode } from '../provisioner/intend-node.ts';
import { createReaper, createSweep, moveNode, retireNode } from './index.ts';

const never = new AbortController().signal;
const TEMPLATE = {
  cloud: 'local',
  name: 'host',
  labels: new Set<string>(),
  settings: {},
  maxNodes: 1,
  minReady: 0,
};
const clock = createSystemClock();
const logger = createLogger('silent');

test('a node that is done before its cloud has answered the launch is removed after the answer (I2)', async () => {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock });
  const launched = Promise.withResolvers<void>();
  const removed: string[] = [];
  const cloud = cloudOf({ remove: async ({ id }) => void removed.push(id) });
  const id = await journal.commit(async (tx) => (await intendNode(tx, TEMPLATE, null)).id);
  await journal.commit((tx) => retireNode(tx, id, 'its job is done'));
  const reaper = createReaper({
    store,
    journal,
    clock,
    logger,
    cloudOf: () => cloud,
    launchSettled: () => launched.promise,
    signal: never,
  });

  await reaper.run(never);
  await new Promise(setImmediate);
  expect(removed).toEqual([]);
  launched.resolve();
  await reaper.settled();
  expect(removed).toEqual([id]);
  expect(await findNode(store.db, id)).toMatchObject({ state: 'deleted' });
  await store.close();
});

test.each([
  ['is told to be gone when its agent is away too', 5, 1],
  ['keeps its job while its agent talks to us', null, 0],
])('a leased node that two listings miss %s (L5)', async (_, disconnectedAt, told) => {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock });
  const set: Partial<NewNode> = { disconnected_at: disconnectedAt };
  await journal.commit(async (tx) => {
    const { id } = await intendNode(tx, TEMPLATE, null);
    await moveNode(tx, id, ['planned'], 'launching');
    await moveNode(tx, id, ['launching'], 'checking');
    await moveNode(tx, id, ['checking'], 'ready');
    await moveNode(tx, id, ['ready'], 'leased', set);
  });
  const vanished: string[] = [];
  const sweep = createSweep({
    store,
    clock,
    logger,
    clouds: [{ name: 'local', cloud: cloudOf({}) }],
    onVanished: async ({ id }) => void vanished.push(id),
    intervalMs: 1,
    graceMs: 0,
  });
  await sweep.run(never);
  expect(vanished).toEqual([]);
  await sweep.run(never);
  expect(vanished).toHaveLength(told);
  await store.close();
});

/** A cloud that has nothing. */
function cloudOf(given: Partial<Cloud>): Cloud {
  return {
    capabilities: { snapshot: false, console: false, privateNetwork: false, reboot: false },
    launch: ({ node }) => Promise.resolve({ resource: node.id }),
    async *list() {},
    stop: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    console: () => Promise.resolve(null),
    close: () => Promise.resolve(),
    ...given,
  };
}
