import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createJournal, type Journal } from '#controller/events';
import type { CheckSettings } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { failNode, moveNode } from '#controller/nodes';
import { findNode, findNodeReport, insertNode, openStore, type Node, type Store } from '#controller/store';
import type { AgentMessageOf, CheckStart } from '#shared/protocol';
import { createNodeChecks, type NodeChecks } from './node-checks.ts';
import { createHandClock, type HandClock } from '../clock/test-support.ts';
import { createStandIn, readyNode, type StandIn } from './test-support.ts';

const SETTINGS: CheckSettings = {
  diskBytes: null,
  memoryBytes: null,
  clockMs: 1000,
  dns: ['a'],
  reach: [],
  script: 'look',
  timeoutMs: 5000,
  everyMs: null,
};

let clock: HandClock;
let store: Store;
let journal: Journal;
let settings: CheckSettings | null;
let checks: NodeChecks;
let node: Node;

beforeEach(async () => {
  clock = createHandClock();
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock });
  settings = SETTINGS;
  checks = createNodeChecks({ journal, clock, logger: createLogger('silent'), checksOf: () => settings });
  node = { ...readyNode(clock.now()), state: 'checking', ready_at: null, bootstrap_used_at: null };
  await insertNode(store.db, node);
});

afterEach(() => store.close());

test('a node whose template has no checks is ready as soon as its agent has answered, and is asked nothing', async () => {
  settings = null;
  const agent = createStandIn();
  const answered = Promise.withResolvers<void>();
  agent.confirmed = () => answered.promise;
  const looked = checks.look(node.id, agent);
  expect(await now()).toMatchObject({ state: 'checking', bootstrap_used_at: null });
  clock.pass(7);
  answered.resolve();
  await looked;
  expect(await now()).toMatchObject({ state: 'ready', ready_at: clock.now(), checked_at: null });
  expect((await now())?.bootstrap_used_at).toBe(clock.now());
  expect(agent.sent).toEqual([]);
});

test('a node with checks is ready when they passed, and what they found is kept', async () => {
  const agent = await ask();
  expect(orderTo(agent)).toMatchObject({ dns: ['a'], reach: [], script: 'look', timeoutMs: 5000 });
  expect(await now()).toMatchObject({ state: 'checking', bootstrap_used_at: clock.now() });
  clock.pass(50);
  await answer(agent, { output: 'all fine' });
  expect(await now()).toMatchObject({ state: 'ready', ready_at: clock.now(), checked_at: clock.now() });
  expect(await report()).toEqual({
    at: clock.now(),
    results: [
      { name: 'clock', ok: true, message: expect.stringContaining('at most 1s'), ms: null },
      { name: 'dns a', ok: true, message: null, ms: 1 },
      { name: 'script', ok: true, message: null, ms: 2 },
    ],
    output: 'all fine',
  });
});

test('a node whose checks failed goes, and says which one it was', async () => {
  const agent = await ask();
  const results = [
    { name: 'dns a', ok: true, ms: 1 },
    { name: 'script', ok: false, message: 'it ended with exit code 1', ms: 2 },
  ];
  await answer(agent, { results, output: 'no compiler' });
  expect(await now()).toMatchObject({
    state: 'deleting',
    failure: 'check',
    reason: 'its check "script" failed: it ended with exit code 1',
    ready_at: null,
  });
  expect(await report()).toMatchObject({ output: 'no compiler' });
});

test('how long the word was on its way is no fault of the clock', async () => {
  const agent = createStandIn();
  agent.confirmed = () => {
    clock.pass(3000);
    return Promise.resolve();
  };
  await checks.look(node.id, agent);
  await answer(agent, { at: clock.now() - 1500 });
  expect(await now()).toMatchObject({ state: 'ready' });
});

test('a node that was ready before keeps the time at which it first was', async () => {
  const agent = await ask();
  await answer(agent, {});
  const first = await now();
  clock.pass(60_000);
  await journal.commit((tx) => moveNode(tx, node.id, ['ready'], 'checking'));
  const before = orderTo(agent);
  await checks.look(node.id, agent);
  expect(orderTo(agent).check).not.toBe(before.check);
  await answer(agent, {});
  expect(await now()).toMatchObject({
    state: 'ready',
    ready_at: first?.ready_at,
    checked_at: (first?.checked_at ?? 0) + 60_000,
  });
});

describe('an agent that comes back while its node is checked', () => {
  test('is asked the same again', async () => {
    const lost = await ask();
    checks.detach(node.id, lost);
    const back = await ask();
    expect(orderTo(back)).toEqual(orderTo(lost));
    await answer(back, {});
    expect(await now()).toMatchObject({ state: 'ready' });
  });

  test('to a controller that was started anew is asked the same again', async () => {
    const lost = await ask();
    checks = createNodeChecks({ journal, clock, logger: createLogger('silent'), checksOf: () => settings });
    const back = await ask();
    expect(orderTo(back)).toEqual(orderTo(lost));
    await answer(back, {});
    expect(await now()).toMatchObject({ state: 'ready' });
  });

  test('is asked anew when the checks are others by now', async () => {
    const lost = await ask();
    settings = { ...SETTINGS, script: 'look twice' };
    const back = await ask();
    expect(orderTo(back)).toMatchObject({ script: 'look twice' });
    expect(orderTo(back).check).not.toBe(orderTo(lost).check);
  });

  test('is not asked a second time over one connection', async () => {
    const agent = await ask();
    await checks.look(node.id, agent);
    expect(agent.sent).toHaveLength(1);
  });
});

describe('what nobody asked for changes nothing (I9):', () => {
  test('an answer before the question, to another one, or over another connection', async () => {
    const agent = createStandIn();
    checks.finished(node.id, agent, finished('guessed', {}));
    await checks.look(node.id, agent);
    checks.finished(node.id, agent, finished('guessed', {}));
    checks.finished(node.id, createStandIn(), finished(orderTo(agent).check, {}));
    checks.finished('another-node', agent, finished(orderTo(agent).check, {}));
    await checks.settled();
    expect(await now()).toMatchObject({ state: 'checking' });
  });

  test('a second answer, be it another one', async () => {
    const agent = await ask();
    checks.finished(node.id, agent, finished(orderTo(agent).check, {}));
    checks.finished(node.id, agent, finished(orderTo(agent).check, { results: [] }));
    await checks.settled();
    await answer(agent, { results: [] });
    expect(await now()).toMatchObject({ state: 'ready' });
  });

  test('an answer for a node that is given up by now', async () => {
    const agent = await ask();
    await journal.commit((tx) => failNode(tx, node.id, { reason: 'it took too long', failure: 'check' }));
    await answer(agent, {});
    expect(await now()).toMatchObject({ state: 'deleting', reason: 'it took too long' });
    expect(await findNodeReport(store.db, node.id, 'check')).toBeUndefined();
  });
});

test('an agent that leaves before it answers leaves its node where it was', async () => {
  const agent = createStandIn();
  agent.confirmed = () => Promise.reject(new Error('the connection closed'));
  await expect(checks.look(node.id, agent)).rejects.toThrow('the connection closed');
  expect(await now()).toMatchObject({ state: 'checking', bootstrap_used_at: null });
  await answer(await ask(), {});
  expect(await now()).toMatchObject({ state: 'ready' });
});

/** An agent that was asked. */
async function ask(): Promise<StandIn> {
  const agent = createStandIn();
  await checks.look(node.id, agent);
  return agent;
}

async function answer(agent: StandIn, found: Partial<AgentMessageOf<'check.finished'>>): Promise<void> {
  checks.finished(node.id, agent, finished(orderTo(agent).check, found));
  await checks.settled();
}

function orderTo(agent: StandIn): CheckStart {
  const order = agent.sent.findLast((message) => message.type === 'check.start');
  if (order === undefined) throw new Error('the agent was asked nothing');
  return order;
}

function finished(
  check: string,
  found: Partial<AgentMessageOf<'check.finished'>>,
): AgentMessageOf<'check.finished'> {
  return {
    type: 'check.finished',
    check,
    at: clock.now(),
    diskFreeBytes: 1,
    memoryAvailableBytes: 1,
    results: [
      { name: 'dns a', ok: true, ms: 1 },
      { name: 'script', ok: true, ms: 2 },
    ],
    output: '',
    ...found,
  };
}

function now(): Promise<Node | undefined> {
  return findNode(store.db, node.id);
}

async function report(): Promise<unknown> {
  return JSON.parse((await findNodeReport(store.db, node.id, 'check'))?.text ?? 'null');
}
