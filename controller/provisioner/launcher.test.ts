import { expect, test } from 'vitest';
import type { Cloud } from '#controller/clouds';
import { createJournal } from '#controller/events';
import { createFleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { moveNode, retireNode } from '#controller/nodes';
import { findNode, openStore } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { intendNode } from './intend-node.ts';
import { createLauncher } from './launcher.ts';
import { createStoreLedger } from './store-ledger.ts';
import { cloudOf, templateOf } from './test-support.ts';

const template = templateOf({ cloud: 'local' });

test.each([
  ['fails: it goes, and says why', false, 'launch', 'it broke'],
  ['has served its job by then: it is no failure', true, null, null],
])('a node whose launch is refused and that %s', async (_, serves, failure, reason) => {
  const { store, journal, launcher, node, answer } = await underWay();
  if (serves) {
    await journal.commit(async (tx) => {
      await moveNode(tx, node.id, ['launching'], 'checking');
      await moveNode(tx, node.id, ['checking'], 'ready');
      await moveNode(tx, node.id, ['ready'], 'leased', { leased_at: tx.at });
      await retireNode(tx, node.id);
    });
  }
  answer.reject(new FootmanError('cloud-unavailable', 'it broke'));
  await launcher.launchSettled(node.id);

  expect(await findNode(store.db, node.id)).toMatchObject({ state: 'deleting', failure, reason });
  await store.close();
});

test('a cloud that neither answers nor stops when it is told to is not waited for (L3, L6)', async () => {
  const { store, launcher, node, timers } = await underWay();
  for (const { action } of timers) action();
  await launcher.launchSettled(node.id);

  expect(timers.map(({ ms }) => ms)).toEqual([60_000, 5_000]);
  expect(await findNode(store.db, node.id)).toMatchObject({
    failure: 'launch',
    reason: 'cloud local did not answer within 1m',
  });
  await store.close();
});

test('a stop waits little for such a cloud, and leaves its launch to the next life', async () => {
  const { store, launcher, node, timers, stop } = await underWay();
  stop();
  expect(timers.map(({ ms }) => ms)).toEqual([60_000, 5_000]);
  for (const { ms, action } of timers) if (ms === 5_000) action();
  await launcher.settled();
  expect(await findNode(store.db, node.id)).toMatchObject({ state: 'launching', failure: null });
  await store.close();
});

/** A launch whose cloud has been asked and has not answered yet. */
async function underWay() {
  const timers: { ms: number; action: () => void }[] = [];
  const clock = {
    now: () => 1_000_000,
    after(ms: number, action: () => void) {
      timers.push({ ms, action });
      return () => undefined;
    },
  };
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock });
  const answer = Promise.withResolvers<never>();
  const asked = Promise.withResolvers<void>();
  const cloud: Pick<Cloud, 'launch'> = {
    launch: () => {
      asked.resolve();
      return answer.promise;
    },
  };
  const stopping = new AbortController();
  const launcher = createLauncher({
    ledger: createStoreLedger({ store, journal }),
    clock,
    logger: createLogger('silent'),
    fleet: createFleet([cloudOf('local', [template], { cloud: cloud as Cloud })]),
    bootstrapToken: () => 'token',
    launchTimeoutMs: 60_000,
    signal: stopping.signal,
  });
  const node = await journal.commit((tx) => intendNode(tx, { template, request: null }));
  launcher.launch(node);
  await asked.promise;
  return { store, journal, launcher, node, answer, timers, stop: () => stopping.abort() };
}
