import { afterEach, beforeEach, expect, test } from 'vitest';
import { createJournal, type Journal } from '#controller/events';
import { createFleet, type Template } from '#controller/fleet';
import { plannedNode } from '#controller/provisioner';
import { findNode, insertNode, nodesInStates, openStore, type Node, type Store } from '#controller/store';
import { moveNode } from '../life-cycle.ts';
import { NO_CHECKS } from '../test-support.ts';
import { createRechecker, type Rechecker } from './rechecker.ts';

const MINUTE = 60_000;
const never = new AbortController().signal;

let now: number;
let store: Store;
let journal: Journal;
let rechecker: Rechecker;

beforeEach(async () => {
  now = 100 * MINUTE;
  const clock = { now: () => now, after: () => () => undefined };
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock });
  const templates = [template('checked', MINUTE), template('once', null)];
  const cloud = {
    name: 'c',
    kind: 'fake',
    templates,
    quota: NO_QUOTA,
    launchMs: null,
    launchRate: null,
    reserve: null,
  };
  // No cloud is asked for anything.
  const fleet = createFleet([{ ...cloud, cloud: {} as never }]);
  rechecker = createRechecker({ store, journal, clock, fleet });
});

afterEach(() => store.close());

test('an idle node is looked at again when its time has come, and not before', async () => {
  await idle('a', { ready_at: now });
  expect(await rechecker.run(never)).toBe(now + MINUTE);
  expect(await checking()).toEqual([]);
  now += MINUTE;
  await rechecker.run(never);
  expect(await checking()).toEqual(['a']);
});

test('the last time that it passed counts', async () => {
  await idle('a', { ready_at: now - 10 * MINUTE, checked_at: now - 1 });
  expect(await rechecker.run(never)).toBe(now - 1 + MINUTE);
  expect(await checking()).toEqual([]);
});

test('of a pool half is looked at at a time, the most overdue first', async () => {
  for (const [index, id] of ['a', 'b', 'c', 'd', 'e'].entries())
    await idle(id, { ready_at: now - 10 * MINUTE - index });
  await rechecker.run(never);
  await rechecker.run(never);
  expect(await checking()).toEqual(['d', 'e']);
  await passed('d');
  await rechecker.run(never);
  expect(await checking()).toEqual(['c', 'e']);
});

test('of a pool of one, the one', async () => {
  await idle('a', { ready_at: now - 10 * MINUTE });
  await rechecker.run(never);
  expect(await checking()).toEqual(['a']);
});

test('what starts for the first time is no part of the pool yet, and what is not to be looked at again stays', async () => {
  await idle('first', { ready_at: null, state: 'checking' });
  await idle('a', { ready_at: now - 10 * MINUTE });
  await idle('b', { ready_at: now - 10 * MINUTE, template: 'once' });
  await idle('c', { ready_at: now - 10 * MINUTE, template: 'gone' });
  await rechecker.run(never);
  expect(await checking()).toEqual(['a', 'first']);
});

test('an agent that is away is not waited for', async () => {
  await idle('a', { ready_at: now - 10 * MINUTE, disconnected_at: now - 1 });
  expect(await rechecker.run(never)).toBeNull();
  expect(await checking()).toEqual([]);
});

test('a node that somebody cordoned stays as it is until that is taken back', async () => {
  await idle('a', { ready_at: now - 10 * MINUTE, cordoned: 'what is it?' });
  expect(await rechecker.run(never)).toBeNull();
  expect(await checking()).toEqual([]);
  expect(rechecker.concerns([{ kind: 'cordon', data: { id: 'a', state: 'uncordoned' } }])).toBe(true);
});

test('a job that is faster keeps its node (I1)', async () => {
  await idle('a', { ready_at: now - 10 * MINUTE });
  // The job gets it after the look at the nodes and before the change.
  const slow = createRechecker({
    store,
    journal: {
      ...journal,
      async commit(work) {
        await journal.commit((tx) => moveNode(tx, 'a', ['ready'], 'leased', { leased_at: now }));
        return journal.commit(work);
      },
    },
    clock: { now: () => now, after: () => () => undefined },
    fleet: createFleet([
      {
        name: 'c',
        kind: 'fake',
        cloud: {} as never,
        templates: [template('checked', MINUTE)],
        quota: NO_QUOTA,
        launchMs: null,
        launchRate: null,
        reserve: null,
      },
    ]),
  });
  await slow.run(never);
  expect(await findNode(store.db, 'a')).toMatchObject({ state: 'leased' });
});

const NO_QUOTA = { nodes: null, cpus: null, memoryBytes: null };

function template(name: string, everyMs: number | null): Template {
  const checks = { ...NO_CHECKS, timeoutMs: 1000, everyMs };
  return {
    cloud: 'c',
    name,
    labels: new Set(),
    stream: null,
    digest: '',
    learned: null,
    factsAsLabels: [],
    settings: {},
    quota: NO_QUOTA,
    size: { cpus: 1, memoryBytes: 1 },
    weight: 1,
    cost: 0,
    pool: { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null },
    checks,
  };
}

async function idle(id: string, row: Partial<Node>): Promise<void> {
  const planned = plannedNode(id, { template: template('checked', MINUTE), request: null }, now);
  await insertNode(store.db, { ...planned, state: 'ready', ...row });
}

async function passed(id: string): Promise<void> {
  await journal.commit((tx) => moveNode(tx, id, ['checking'], 'ready', { checked_at: now }));
}

async function checking(): Promise<string[]> {
  return (await nodesInStates(store.db, ['checking'])).map(({ id }) => id).toSorted();
}
