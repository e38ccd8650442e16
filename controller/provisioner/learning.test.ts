import { expect, test } from 'vitest';
import { subjectOf } from '#controller/fleet';
import { failNode, moveNode } from '#controller/nodes';
import { createJournal, type Change } from '#controller/events';
import { insertNode, openStore, type Node } from '#controller/store';
import { learnFrom } from './learning.ts';
import { NOW, cloudOf, nodeOf, situationOf, templateOf } from './test-support.ts';

const HOST = { cloud: 'one', name: 'host' };

test('a node that fails before it is ready is a failed start', async () => {
  const { breakers, history } = await learned((tx) =>
    failNode(tx, 'connecting', { reason: 'its agent did not dial in', failure: 'connect' }),
  );
  expect(breakers.state(HOST, NOW)).toMatchObject({ failures: 1, reason: 'its agent did not dial in' });
  expect(history.successRate(HOST)).toBeLessThan(1);
});

test.each(['check', 'lost', 'vanished'] as const)(
  'a node that was ready once is none (%s)',
  async (failure) => {
    const { breakers, history } = await learned(async (tx) => {
      await moveNode(tx, 'ready', ['ready'], 'checking');
      await failNode(tx, 'ready', { reason: 'its disk is full', failure });
    });
    expect(breakers.state(HOST, NOW)).toMatchObject({ state: 'closed', failures: 0 });
    expect(history.successRate(HOST)).toBe(1);
  },
);

test('a node that was made for one version of an image tells of that version, and of nothing else', async () => {
  const pinned = { pinned: 1, version_id: 'v1' };
  const failed = await learned(
    (tx) => failNode(tx, 'connecting', { reason: 'its agent did not dial in', failure: 'connect' }),
    pinned,
  );
  expect(failed.breakers.state(subjectOf(HOST, 'v1'), NOW)).toMatchObject({ failures: 1 });
  expect(failed.breakers.state(HOST, NOW)).toMatchObject({ failures: 0 });
  expect(failed.history.successRate(HOST)).toBe(1);

  const full = await learned(
    (tx) => failNode(tx, 'connecting', { reason: 'no room', failure: 'aborted' }),
    pinned,
  );
  expect(full.breakers.refusal(HOST, { nodes: 0, asked: 0 }, NOW)).toMatchObject({ code: 'aborted' });
});

test('nothing is remembered of a version that is gone', () => {
  const situation = situationOf();
  const { breakers } = situation;
  for (const subject of [HOST, subjectOf(HOST, 'v1'), subjectOf(HOST, 'v2')])
    breakers.failed(subject, 'no such image', NOW);
  learnFrom({ kind: 'image', data: { id: 'v1', state: 'deleting' } }, situation);
  expect(breakers.state(subjectOf(HOST, 'v1'), NOW)).toMatchObject({ failures: 1 });
  learnFrom({ kind: 'image', data: { id: 'v1', state: 'deleted' } }, situation);
  expect(breakers.state(subjectOf(HOST, 'v1'), NOW)).toMatchObject({ failures: 0 });
  expect(breakers.state(subjectOf(HOST, 'v2'), NOW)).toMatchObject({ failures: 1 });
  expect(breakers.state(HOST, NOW)).toMatchObject({ failures: 1 });
});

test('a job that starts from an image teaches no pool', () => {
  const situation = situationOf();
  const arrived: number[] = [];
  const pools = { ...situation.pools, arrived: (_: string, at: number) => void arrived.push(at) };
  const queued = { id: 'j', state: 'queued', runsOn: 'linux', attempt: 1 };
  learnFrom({ kind: 'job', data: { ...queued, images: true } }, { ...situation, pools });
  expect(arrived).toEqual([]);
  learnFrom({ kind: 'job', data: queued }, { ...situation, pools });
  expect(arrived).toEqual([NOW]);
});

test('with another configuration an open breaker lets its probe through at once', () => {
  const situation = situationOf();
  const { breakers } = situation;
  for (let count = 0; count < 3; count += 1) breakers.failed(HOST, 'no such image', NOW);
  expect(breakers.refusal(HOST, { nodes: 0, asked: 0 }, NOW)).toMatchObject({ code: 'breaker' });
  learnFrom({ kind: 'configuration', data: { id: 'configuration', state: 'reloaded' } }, situation);
  expect(breakers.refusal(HOST, { nodes: 0, asked: 0 }, NOW)).toBeNull();
  expect(breakers.refusal(HOST, { nodes: 1, asked: 0 }, NOW)).toMatchObject({ code: 'breaker' });
});

test('a planned node takes a token of its cloud', () => {
  const clouds = [cloudOf('one', [templateOf()], { launchRate: { perMinute: 6, burst: 1 } })];
  const situation = situationOf({ clouds });
  const data = { id: 'n', state: 'planned', cloud: 'one', template: 'host' };
  learnFrom({ kind: 'node', data }, situation);
  for (const cloud of clouds)
    expect(situation.rates.refusal(cloud, NOW)).toMatchObject({ until: NOW + 10_000 });
});

/** What is known after the work has been done on a node that is connecting, or one that is ready. */
async function learned(
  work: Parameters<ReturnType<typeof createJournal>['commit']>[0],
  parts: Partial<Node> = {},
) {
  const situation = situationOf();
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock: { now: () => NOW, after: () => () => undefined } });
  for (const state of ['connecting', 'ready'] as const)
    await insertNode(store.db, nodeOf(state, state, parts));
  journal.subscribe((changes: readonly Change[]) => {
    for (const change of changes) learnFrom(change, situation);
  });
  await journal.commit(work);
  await store.close();
  return situation;
}
