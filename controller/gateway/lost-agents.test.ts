import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moveArtifact } from '#controller/artifacts';
import { finishJob } from '#controller/builds';
import type { Condition } from '#controller/clouds';
import { createLogger } from '#controller/logger';
import {
  artifactsOfJob,
  findJob,
  findNode,
  insertNode,
  patchJob,
  patchNode,
  type Node,
} from '#controller/store';
import { createLostAgents, type LostAgents } from './lost-agents.ts';
import { leaseJob, readyNode, type LeasedJob } from './test-support.ts';

const SECOND = 1000;
const RUNNING: Condition = { state: 'running', boot: 'b1' };
const GONE: Condition = { state: 'gone' };
const IDLE: Condition = { state: 'stopped', reason: 'runs, but not its agent', boot: 'b1' };
const OFF: Condition = { state: 'stopped', reason: 'was powered off' };

const never = new AbortController().signal;

let leased: LeasedJob;
let idle: Node;
let lostAgents: LostAgents;
/** What the cloud answers, or how it fails. */
let answer: () => Promise<Condition>;
/** Nodes that it was asked about. */
let asked: string[];

beforeEach(async () => {
  leased = await leaseJob(
    'jobs: { a: { runs-on: linux, steps: [{ run: work }], artifacts: [{ paths: out }] } }',
  );
  const { store, deps } = leased;
  idle = { ...readyNode(deps.clock.now()), boot: 'b1' };
  await insertNode(store.db, idle);
  asked = [];
  answer = async () => RUNNING;
  lostAgents = createLostAgents({
    ...deps,
    logger: createLogger('silent'),
    agentLostMs: 60 * SECOND,
    cloudOf: () => ({ inspect: ({ id }) => (asked.push(id), answer()) }),
    signal: never,
  });
});

afterEach(() => leased[Symbol.asyncDispose]());

describe('a node that somebody wants to be held', () => {
  test('is held when its agent is lost, and the hold stays however long that is so', async () => {
    await wish();
    await silence(leased.nodeId);
    await pass(61);
    expect(await findNode(leased.store.db, leased.nodeId)).toMatchObject({ state: 'held' });
    await pass(3600);
    expect(await findNode(leased.store.db, leased.nodeId)).toMatchObject({ state: 'held' });
  });

  test('is not when it has vanished', async () => {
    await wish();
    const node = await findNode(leased.store.db, leased.nodeId);
    if (node !== undefined) await lostAgents.vanished(node, 'its resource has vanished from the cloud');
    expect(await job()).toMatchObject({
      result: 'errored',
      reason: 'its resource has vanished from the cloud',
    });
    expect(await findNode(leased.store.db, leased.nodeId)).toMatchObject({ state: 'deleting' });
  });

  test('is not when its cloud knows of no such node', async () => {
    await wish();
    answer = async () => GONE;
    await silence(leased.nodeId);
    await pass(5);
    await pass(10);
    expect(await findNode(leased.store.db, leased.nodeId)).toMatchObject({ state: 'deleting' });
  });
});

describe('a node that keeps files of its job', () => {
  beforeEach(async () => {
    const { store, journal } = leased;
    const [artifact] = await artifactsOfJob(store.db, leased.job.id);
    await journal.commit(async (tx) => {
      await moveArtifact(tx, leased.job, artifact?.id ?? '', ['pending'], 'collecting');
      await moveArtifact(tx, leased.job, artifact?.id ?? '', ['collecting'], 'waiting');
      await finishJob(tx, leased.job.id, { result: 'success', reason: null });
    });
    await patchNode(store.db, leased.nodeId, ['uploading'], { disconnected_at: leased.deps.clock.now() });
  });

  test('goes when its agent is lost, and says so; its job has its result', async () => {
    await pass(59);
    expect(await nodeNow(leased.nodeId)).toMatchObject({ state: 'uploading' });
    await pass(1);
    const reason = 'its agent was lost: no connection for 1m';
    expect(await nodeNow(leased.nodeId)).toMatchObject({ state: 'deleting', reason });
    expect(await job()).toMatchObject({ result: 'success' });
  });

  test('goes at once when its machine is off', async () => {
    answer = async () => OFF;
    await pass(5);
    expect(await nodeNow(leased.nodeId)).toMatchObject({
      state: 'deleting',
      reason: 'its machine was powered off',
    });
  });
});

describe('the machine of a silent agent', () => {
  test('is asked for after five seconds, again after thirty, and never while its agent is there', async () => {
    await pass(60);
    expect(asked).toEqual([]);
    await silence(leased.nodeId);
    await pass(4);
    expect(asked).toEqual([]);
    await pass(1);
    expect(asked).toHaveLength(1);
    await pass(29);
    expect(asked).toHaveLength(1);
    await pass(1);
    expect(asked).toHaveLength(2);
    expect(await job()).toMatchObject({ state: 'leased' });
    await patch(leased.nodeId, { disconnected_at: null });
    await pass(30);
    expect(asked).toHaveLength(2);
  });

  test.each<[string, Partial<Node>, Condition, string]>([
    ['stands still', {}, OFF, 'its machine was powered off'],
    ['runs without its agent', { boot: 'b1' }, IDLE, 'its machine runs, but not its agent'],
    ['runs without its agent in another boot', { boot: 'b0' }, IDLE, 'its machine rebooted unexpectedly'],
    ['is in another boot', { boot: 'b0' }, RUNNING, 'its machine rebooted unexpectedly'],
  ])('ends its job at once when it %s', async (_, node, condition, reason) => {
    answer = async () => condition;
    await silence(leased.nodeId, node);
    await pass(5);
    expect(await job()).toMatchObject({ state: 'finished', result: 'errored', reason });
  });

  test('ends its job when its cloud does not know it, and says so twice (L5)', async () => {
    answer = async () => GONE;
    await silence(leased.nodeId);
    await pass(5);
    expect(await job()).toMatchObject({ state: 'leased' });
    await pass(10);
    expect(await job()).toMatchObject({
      result: 'errored',
      reason: 'its resource has vanished from the cloud',
    });
  });

  test('is there all the same when the cloud had only lost sight of it for a moment', async () => {
    const answers = [GONE, RUNNING, GONE];
    answer = async () => answers.shift() ?? RUNNING;
    await silence(leased.nodeId);
    for (const seconds of [5, 10, 30, 10]) await pass(seconds);
    expect(asked).toHaveLength(4);
    expect(await job()).toMatchObject({ state: 'leased' });
  });

  test.each<[string, Partial<Node>, () => Promise<Condition>]>([
    ['it runs', { boot: 'b1' }, async () => RUNNING],
    ['it runs, in a boot that nobody knows', {}, async () => RUNNING],
    ['its cloud can not tell the boot', { boot: 'b0' }, async () => ({ state: 'running', boot: null })],
    ['its cloud does not answer', {}, () => Promise.reject(new Error('no route'))],
  ])('leaves its agent all of its time while %s', async (_, node, given) => {
    answer = given;
    await silence(leased.nodeId, node);
    for (let passed = 0; passed < 55; passed += 5) await pass(5);
    expect(asked.length).toBeGreaterThan(1);
    expect(await job()).toMatchObject({ state: 'leased' });
    await pass(5);
    expect(await job()).toMatchObject({ reason: 'its agent was lost: no connection for 1m' });
  });

  test('may be silent while it is rebooted, for as long as that may take', async () => {
    answer = async () => OFF;
    await silence(leased.nodeId, { reboot_due_at: 1 });
    for (let passed = 0; passed < 120; passed += 10) await pass(10);
    expect(asked).toEqual([]);
    expect(await job()).toMatchObject({ state: 'leased' });
  });

  test('is not taken for lost when its agent came back before the answer', async () => {
    const { promise, resolve } = Promise.withResolvers<Condition>();
    answer = () => promise;
    await silence(leased.nodeId);
    leased.deps.clock.pass(5 * SECOND);
    await lostAgents.run(never);
    await patch(leased.nodeId, { disconnected_at: null });
    resolve(OFF);
    await lostAgents.settled();
    expect(await job()).toMatchObject({ state: 'leased' });
  });

  test('is asked for once at a time, and given up when there is no answer; others are asked meanwhile', async () => {
    answer = () => new Promise(() => undefined);
    await silence(leased.nodeId);
    await pass(5, { isAwaited: false });
    await silence(idle.id);
    await pass(5, { isAwaited: false });
    expect(asked).toEqual([leased.nodeId, idle.id]);
    answer = async () => OFF;
    for (const seconds of [10, 10]) await pass(seconds, { isAwaited: false });
    await lostAgents.settled();
    expect(await job()).toMatchObject({ reason: 'its machine was powered off' });
  });

  test('takes a node that waits for a job with it', async () => {
    answer = async () => OFF;
    await silence(idle.id);
    await pass(5);
    expect(await nodeNow(idle.id)).toMatchObject({
      state: 'deleting',
      failure: 'lost',
      reason: 'its machine was powered off',
    });
    expect(await job()).toMatchObject({ state: 'leased' });
  });
});

test('a cloud with many silent nodes is asked about eight at a time', async () => {
  const more = Array.from({ length: 12 }, () => readyNode(leased.deps.clock.now()));
  for (const node of more) await insertNode(leased.store.db, node);
  for (const { id } of more) await silence(id);
  const answers = new Set<() => void>();
  answer = () => new Promise((resolve) => answers.add(() => resolve(RUNNING)));
  await pass(5, { isAwaited: false });
  expect(asked).toHaveLength(8);
  for (const give of answers) give();
  await lostAgents.settled();
  await pass(1, { isAwaited: false });
  expect(new Set(asked).size).toBe(12);
});

test('nodes that a cloud has no answer about do not keep it from being asked about the others', async () => {
  const more = Array.from({ length: 12 }, () => readyNode(leased.deps.clock.now()));
  for (const node of more) await insertNode(leased.store.db, node);
  for (const { id } of more) await silence(id);
  answer = () => new Promise(() => undefined);
  for (const seconds of [5, 10, 5, 1]) await pass(seconds, { isAwaited: false });
  expect(new Set(asked).size).toBe(12);
});

/** So long after, the loop's next pass, and the answers. */
async function pass(seconds: number, { isAwaited = true } = {}): Promise<void> {
  leased.deps.clock.pass(seconds * SECOND);
  await lostAgents.run(never);
  if (isAwaited) await lostAgents.settled();
}

async function silence(id: string, parts: Partial<Node> = {}): Promise<void> {
  await patch(id, { ...parts, disconnected_at: leased.deps.clock.now() });
}

async function patch(id: string, parts: Partial<Node>): Promise<void> {
  await patchNode(leased.store.db, id, ['ready', 'leased'], parts);
}

function job() {
  return findJob(leased.store.db, leased.job.id);
}

function nodeNow(id: string) {
  return findNode(leased.store.db, id);
}

async function wish(): Promise<void> {
  const hold = { on: 'failure', origin: 'request', owner: 'alice', reason: null, forMs: null } as const;
  await patchJob(leased.store.db, leased.job.id, ['leased'], { hold: { ...hold, keys: [] } });
}
