import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Cloud, Condition } from '#controller/clouds';
import type { Fleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { findNode, patchNode, type Node } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { leaseJob, type LeasedJob } from '../gateway/test-support.ts';
import { createReviver, type Reviver } from './index.ts';

type Asked = Parameters<NonNullable<Cloud['reboot']>>[0];

const SECOND = 1000;
const never = new AbortController().signal;

let leased: LeasedJob;
let reviver: Reviver;
/** What the cloud answers when it is asked how the machine is. */
let condition: Condition;
/** What it does when it is asked for an agent. */
let answer: (signal: AbortSignal) => Promise<void>;
let asked: Asked[];

function rebootToken(node: string, boot: string): string {
  return `${node} after ${boot}`;
}

beforeEach(async () => {
  leased = await leaseJob('jobs: { a: { runs-on: linux, steps: [{ run: work }] } }');
  const { store, clock } = leased.deps;
  const { journal } = leased;
  condition = { state: 'running', boot: 'two' };
  answer = () => Promise.resolve();
  asked = [];
  const cloud = {
    inspect: () => Promise.resolve(condition),
    reboot: (reboot: Asked, signal: AbortSignal) => (asked.push(reboot), answer(signal)),
  } as unknown as Cloud;
  const fleet = { connection: () => cloud, template: () => ({ settings: 'settings' }) } as unknown as Fleet;
  reviver = createReviver({
    store,
    journal,
    clock,
    logger: createLogger('silent'),
    fleet,
    rebootToken,
    signal: never,
  });
  await set({ state: 'held', boot: 'one', disconnected_at: clock.now() });
});

afterEach(async () => {
  await reviver.settled();
  await leased[Symbol.asyncDispose]();
});

test('a held machine that was restarted gets an agent for its new boot, after a quarter of a minute', async () => {
  await pass(14);
  expect(asked).toEqual([]);
  await pass(1);
  expect(asked).toMatchObject([{ node: { id: leased.nodeId }, template: 'settings', boot: 'one' }]);
  expect(asked[0]?.bootstrap({ endpoint: 'e', root: 'r' })).toMatchObject({
    node: leased.nodeId,
    token: `${leased.nodeId} after one`,
  });
});

test.each<[string, Condition, Partial<Node>]>([
  ['is in the boot that its agent was of', { state: 'running', boot: 'one' }, {}],
  ['does not tell its boot', { state: 'running', boot: null }, {}],
  ['is powered off', { state: 'stopped', reason: 'was powered off' }, {}],
  ['is gone', { state: 'gone' }, {}],
  ['has its agent', { state: 'running', boot: 'two' }, { disconnected_at: null }],
  ['is being captured', { state: 'running', boot: 'two' }, { capture_id: 'version' }],
  ['has never told its boot', { state: 'running', boot: 'two' }, { boot: null }],
  ['is held no more', { state: 'running', boot: 'two' }, { state: 'deleting' }],
])('one that %s is left alone', async (_, now, change) => {
  condition = now;
  await set(change);
  await pass(30);
  await pass(300);
  expect(asked).toEqual([]);
});

test('what is wrong with one stands in its row, until that is so no more', async () => {
  condition = { state: 'stopped', reason: 'was powered off' };
  await pass(30);
  expect(await findNode(leased.store.db, leased.nodeId)).toMatchObject({
    state: 'held',
    reason: 'its machine was powered off',
  });
  condition = { state: 'running', boot: null };
  await pass(30);
  expect(await findNode(leased.store.db, leased.nodeId)).toMatchObject({ reason: null });
});

test('one that runs without its agent in another boot gets it, too', async () => {
  condition = { state: 'stopped', reason: 'runs, but not its agent', boot: 'two' };
  await pass(30);
  expect(asked).toHaveLength(1);
});

test('a cloud that fails is asked again, later each time, until the agent is back', async () => {
  answer = () => Promise.reject(new FootmanError('cloud-unavailable', 'not now'));
  await pass(15);
  await pass(14);
  expect(asked).toHaveLength(1);
  await pass(1);
  expect(asked).toHaveLength(2);
  // Three minutes after it was lost nobody waits at its door any more.
  await pass(180);
  await pass(15);
  expect(asked).toHaveLength(4);
  await pass(29);
  expect(asked).toHaveLength(4);
  await pass(1);
  expect(asked).toHaveLength(5);
  await set({ disconnected_at: null });
  await pass(300);
  expect(asked).toHaveLength(5);
});

test('a call goes on when the agent is back before the cloud has answered, and ends when the hold does', async () => {
  let signal = never;
  const { promise: hung, reject } = Promise.withResolvers<void>();
  answer = (until) => {
    until.addEventListener('abort', () => reject(until.reason));
    return ((signal = until), hung);
  };
  await pass(30);
  await set({ disconnected_at: null });
  await pass(1);
  expect(signal.aborted).toBe(false);
  let isSettled = false;
  const settled = reviver.nodeSettled(leased.nodeId).then(() => (isSettled = true));
  await setImmediate();
  expect(isSettled).toBe(false);
  await set({ state: 'deleting' });
  expect(
    reviver.concerns([{ kind: 'node', nodeId: leased.nodeId, data: { state: 'deleting' } } as never]),
  ).toBe(true);
  await pass(0);
  expect(signal.aborted).toBe(true);
  await settled;
});

async function set(change: Partial<Node>): Promise<void> {
  const states = ['leased', 'held', 'ready'] as const;
  await patchNode(leased.store.db, leased.nodeId, states, change);
}

async function pass(seconds: number): Promise<void> {
  await reviver.run(never);
  leased.deps.clock.pass(seconds * SECOND);
  await reviver.run(never);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}
