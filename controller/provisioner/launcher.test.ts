import { expect, test } from 'vitest';
import type { Cloud, Launch } from '#controller/clouds';
import { createJournal } from '#controller/events';
import { createFleet } from '#controller/fleet';
import { freshVersion } from '#controller/images';
import { createLogger } from '#controller/logger';
import { moveNode, retireNode } from '#controller/nodes';
import { findNode, insertVersion, openStore, type ImageVersion, type VersionState } from '#controller/store';
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

test('a node that is made from a version of an image is asked for by the name that its cloud knows', async () => {
  const { store, asked, stop } = await underWay({ image: 'ready' });
  expect(await asked).toMatchObject({ image: 'ubuntu-1.local' });
  stop();
  await store.close();
});

test('a node whose image is gone by then is asked for by nobody, and goes', async () => {
  const { store, launcher, node } = await underWay({ image: 'deleted' });
  await launcher.launchSettled(node.id);
  expect(await findNode(store.db, node.id)).toMatchObject({
    failure: 'launch',
    reason: 'its image ubuntu-1.local is not there any more',
  });
  await store.close();
});

/** A launch whose cloud has been asked and has not answered yet. */
async function underWay({ image }: { image?: VersionState } = {}) {
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
  const asked = Promise.withResolvers<Launch<unknown>>();
  const cloud: Pick<Cloud, 'launch'> = {
    launch: (launch) => {
      asked.resolve(launch);
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
  const node = await journal.commit(async (tx) => {
    const version: ImageVersion = freshVersion(tx, { name: 'ubuntu', cloud: 'local' }, 1);
    if (image !== undefined) await insertVersion(tx.db, { ...version, state: image });
    const versionId = image === undefined ? null : version.id;
    return intendNode(tx, { template, request: null, versionId });
  });
  launcher.launch(node);
  if (image === undefined) await asked.promise;
  return {
    store,
    journal,
    launcher,
    node,
    answer,
    timers,
    asked: asked.promise,
    stop: () => stopping.abort(),
  };
}
