import { expect, test } from 'vitest';
import { createFleet, subjectOf, type OpenCloud, type Template } from '#controller/fleet';
import { openStore, type NewNode, type NodeFailure, type Store } from '#controller/store';
import { createBreakers } from './breaker.ts';
import { plannedNode } from './intend-node.ts';
import { createLaunchHistory } from './launch-history.ts';
import { createLaunchRates } from './launch-rates.ts';
import { recallLaunches } from './recall.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const T = { cloud: 'rax', name: 'small' };
const START_MS = 400;

test('a template that was failing is still kept away from after a restart (L11)', async () => {
  const { breakers, history } = await recalled([
    good(0),
    { ...bad(1_000, 'launch'), reason: 'no such image' },
    { ...bad(2_000, 'check'), reason: 'no such image' },
    { ...bad(3_000, 'aborted'), reason: 'no room' },
    { ...bad(4_000, 'launch'), reason: 'no such image' },
  ]);
  expect(breakers.refusal(T, { nodes: 0, asked: 0 }, NOW + 4_500)).toEqual({
    code: 'breaker',
    reason: 'breaker open after 3 failures: no such image; tried again at 12:00:05Z',
    until: NOW + 5_000,
  });
  expect(history.successRate(T)).toBeCloseTo(3 / 6);
});

test('failures before the last success are forgiven', async () => {
  const { breakers } = await recalled([
    bad(1_000, 'launch'),
    bad(2_000, 'launch'),
    bad(3_000, 'launch'),
    good(4_000),
  ]);
  expect(breakers.state(T, NOW)).toMatchObject({ state: 'closed', failures: 0 });
});

test('start times are known again, and what is on its way has none', async () => {
  const { history } = await recalled([
    ...[0, 1, 2, 3, 4].map(good),
    { ...good(5), state: 'launching', ready_at: null },
  ]);
  expect(history.startMs(T, 0.5)).toBe(START_MS);
});

test('a node that was lost while it waited has started all the same', async () => {
  const { breakers, history } = await recalled([
    { ...good(0), failure: 'lost', reason: 'its agent was lost', state_since: NOW + 60_000 },
  ]);
  expect(breakers.state(T, NOW)).toMatchObject({ state: 'closed', failures: 0 });
  expect(history.successRate(T)).toBe(1);
});

test('a restart gives no new burst (L11)', async () => {
  const { rates } = await recalled([good(0), bad(0, 'aborted'), { ...good(0), template: 'gone' }]);
  expect(rates.refusal(CLOUD, NOW)?.code).toBe('rate');
  expect(rates.refusal(CLOUD, NOW + 1_000)).toBeNull();
});

test('what nodes for one version of an image did is known of that version alone', async () => {
  const pinned = { version_id: 'v1', pinned: 1 };
  const bads = [0, 1, 2].map((after) => Object.assign(bad(after, 'connect'), pinned));
  const { breakers, history } = await recalled(bads);
  expect(breakers.state(subjectOf(T, 'v1'), NOW + 3).state).toBe('open');
  expect(breakers.state(T, NOW + 3).state).toBe('closed');
  expect(history.successRate(T)).toBe(1);
});

async function recalled(nodes: Partial<NewNode>[]) {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  await write(store, nodes);
  const memory = {
    fleet: createFleet([CLOUD]),
    history: createLaunchHistory(),
    breakers: createBreakers(),
    rates: createLaunchRates(),
  };
  await recallLaunches(store.db, memory);
  await store.close();
  return memory;
}

async function write({ db }: Store, nodes: readonly Partial<NewNode>[]): Promise<void> {
  const rows = nodes.map((node, index): NewNode => {
    const planned = plannedNode(`node-${index}`, { template: TEMPLATE, request: null }, NOW);
    return { ...planned, state: 'deleted', ...node };
  });
  if (rows.length > 0) await db.insertInto('nodes').values(rows).execute();
}

function good(after: number): Partial<NewNode> {
  const at = NOW + after;
  return { state: 'deleted', created_at: at, ready_at: at + START_MS, state_since: at + 10_000 };
}

function bad(after: number, failure: NodeFailure): Partial<NewNode> {
  const at = NOW + after;
  return { state: 'deleted', created_at: at, stopped_at: at, state_since: at + 600_000, failure };
}

const TEMPLATE = {
  ...T,
  digest: '',
  labels: new Set(),
  size: { cpus: 1, memoryBytes: 1 },
} as unknown as Template;
const CLOUD: OpenCloud = {
  name: 'rax',
  kind: 'test',
  cloud: undefined as never,
  quota: { nodes: null, cpus: null, memoryBytes: null },
  launchMs: null,
  launchRate: { perMinute: 60, burst: 3 },
  reserve: null,
  templates: [TEMPLATE],
};
