import { afterEach, describe, expect, test } from 'vitest';
import { moveArtifact, publishArtifact } from '#controller/artifacts';
import { finishJob, moveJob } from '#controller/builds';
import { grantLease } from '#controller/leases';
import { artifactsOfJob, findJob, insertNode, jobsOfBuild, stepsOfJob, type Job } from '#controller/store';
import type { AgentMessageOf, ArtifactFile } from '#shared/protocol';
import { startLeaseRun, type LeaseRun } from '../lease-run.ts';
import { createStandIn, leaseJob, readyNode, type LeasedJob, type StandIn } from '../test-support.ts';

const never = new AbortController().signal;

let leased: LeasedJob;
let agent: StandIn;
let run: LeaseRun;
let taker: Job;
let closing: AbortController;

afterEach(async () => {
  closing.abort(new Error('the test is over'));
  await run.done.catch(() => undefined);
  await leased[Symbol.asyncDispose]();
});

/** Job `a` has ended, with the artifacts as `leave` made them; job `b` takes from it. */
async function start(take: string, artifacts: string, leave: (a: Job) => Promise<void>): Promise<void> {
  leased = await leaseJob(`
jobs:
  a: { runs-on: linux, steps: [{ run: work }], artifacts: ${artifacts} }
  b: { needs: a, runs-on: linux, steps: [{ name: use, run: work }], artifacts: [${take}] }
`);
  const { store, journal, deps, build, job } = leased;
  await leave(job);
  await journal.commit((tx) => finishJob(tx, job.id, { result: 'success', reason: null }));
  const node = readyNode(deps.clock.now());
  await insertNode(store.db, node);
  const waiting = (await jobsOfBuild(store.db, build.id)).find(({ key }) => key === 'b');
  taker = await journal.commit(async (tx) => {
    const got = waiting && (await moveJob(tx, waiting.id, ['queued'], 'leased'));
    if (got === undefined) throw new Error('job b does not wait for a node');
    await grantLease(tx, got, [{ nodeId: node.id, role: 'main' }]);
    return got;
  });
  begin(node.id);
}

function begin(nodeId: string): void {
  agent = createStandIn();
  closing = new AbortController();
  run = startLeaseRun(leased.deps, leased.build, taker, nodeId, closing.signal);
  run.attach(agent, { session: 'session', graceMs: 1 });
}

const DIST = '[{ name: dist, paths: "*" }]';
const BOTH = '[{ name: dist, paths: "*" }, { name: docs, paths: "*" }]';

describe('what a job takes', () => {
  test('comes by pages of files with requests, before its steps, and the log tells', async () => {
    await start('{ from: a, name: dist, path: in }', DIST, (a) => complete(a, 'dist', 130));
    const { fetch, path, files } = await agent.received('fetch.begin');
    expect({ path, files }).toEqual({ path: 'in', files: 130 });
    run.message({ type: 'fetch.next', fetch, after: null });
    const first = await agent.received('fetch.files');
    expect([first.files.length, first.last, first.files[0]?.request?.method]).toEqual([128, false, 'GET']);
    const after = first.files.at(-1)?.file.path ?? null;
    run.message({ type: 'fetch.next', fetch, after });
    await until(() => agent.sent.filter(({ type }) => type === 'fetch.files').length === 2);
    expect(agent.sent.at(-1)).toMatchObject({ after, last: true, files: [{}, {}] });
    expect(agent.sent.some(({ type }) => type === 'step.start')).toBe(false);
    finished(fetch);
    await agent.received('step.start');
    expect(agent.sent.some((message) => message.type === 'fetch.ack' && message.fetch === fetch)).toBe(true);
    const [step] = await stepsOfJob(leased.store.db, taker.id);
    expect(step).toMatchObject({ state: 'finished', result: 'success' });
    expect(await logOf(step?.id ?? '')).toBe('dist of a: 130 files, 130 B, to in\ndist: there, in 0ms\n');
  });

  test('without a name is all of it, each artifact in a folder of its name', async () => {
    await start('{ from: a, path: in }', BOTH, async (a) => {
      await complete(a, 'dist', 1);
      await complete(a, 'docs', 1);
    });
    for (const path of ['in/dist', 'in/docs']) {
      await until(() => begun().some((message) => message.path === path));
      finished(begun().at(-1)?.fetch ?? '');
    }
    await agent.received('step.start');
  });

  test('is begun anew in another life of the controller, under the same name', async () => {
    await start('{ from: a, name: dist }', DIST, (a) => complete(a, 'dist', 1));
    const { fetch } = await agent.received('fetch.begin');
    closing.abort(new Error('the controller stops'));
    await expect(run.done).rejects.toThrow('stops');
    expect(agent.sent.filter(({ type }) => type === 'fetch.ack')).toEqual([]);
    begin(run.nodeId);
    expect((await agent.received('fetch.begin')).fetch).toBe(fetch);
    finished(fetch);
    await agent.received('step.start');
  });

  test('that waits for the storage is waited for', async () => {
    await start('{ from: a, name: dist }', DIST, wait);
    await until(async () => (await stateOf(0)) === 'running');
    expect(begun()).toEqual([]);
    await complete(leased.job, 'dist', 1, 'waiting');
    await agent.received('fetch.begin');
  });
});

describe('a step that takes what is not there fails', () => {
  test.each([
    [
      'failed',
      DIST,
      '{ from: a, name: dist }',
      (a: Job) => fail(a, 'dist'),
      'artifact dist of a is failed: disk full',
    ],
    [
      'empty',
      DIST,
      '{ from: a, name: dist }',
      (a: Job) => fail(a, 'dist', 'empty'),
      'artifact dist of a is empty',
    ],
    [
      'one of several failed',
      BOTH,
      '{ from: a }',
      (a: Job) => fail(a, 'docs'),
      'artifact docs of a is failed',
    ],
    [
      'of a name that only its templates could have',
      `[{ name: "x-\${{ build.number }}", paths: "*" }]`,
      '{ from: a, name: dist }',
      (a: Job) => complete(a, 'x-1', 1),
      'a has no artifact dist; it has x-1',
    ],
  ])('%s', async (_, artifacts, take, leave, reason) => {
    await start(take, artifacts, leave);
    await until(async () => (await stateOf(0)) === 'finished');
    const [step] = await stepsOfJob(leased.store.db, taker.id);
    expect(step).toMatchObject({ result: 'failure', message: expect.stringContaining(reason) as string });
    await run.done;
    expect(await findJob(leased.store.db, taker.id)).toMatchObject({ result: 'failure' });
  });

  test('or what the node can not take', async () => {
    await start('{ from: a, name: dist }', DIST, (a) => complete(a, 'dist', 1));
    const { fetch } = await agent.received('fetch.begin');
    finished(fetch, 'its digest is another one');
    await run.done;
    const reason = 'artifact dist of a: its digest is another one';
    expect(await findJob(leased.store.db, taker.id)).toMatchObject({
      result: 'failure',
      reason: expect.stringContaining(reason) as string,
    });
  });
});

function begun(): { path: string | null; fetch: string }[] {
  return agent.sent.flatMap((message) => (message.type === 'fetch.begin' ? [message] : []));
}

function finished(fetch: string, problem?: string): void {
  const message: AgentMessageOf<'fetch.finished'> = { type: 'fetch.finished', fetch, files: 1, bytes: 1 };
  run.message(problem === undefined ? message : { ...message, problem });
}

async function idOf(a: Job, position: number): Promise<string> {
  return (await artifactsOfJob(leased.store.db, a.id))[position]?.id ?? '';
}

/** As though the agent had stored so many files of a byte each. */
async function complete(a: Job, name: string, count: number, from: 'pending' | 'waiting' = 'pending') {
  const id = await idOf(a, name === 'docs' ? 1 : 0);
  const files = Array.from({ length: count }, (_, index): ArtifactFile => ({
    path: `f${String(index).padStart(3, '0')}`,
    bytes: 1,
    sha256: 'a'.repeat(64),
    mode: 0o644,
  }));
  if (from === 'pending')
    await leased.journal.commit((tx) => moveArtifact(tx, a, id, ['pending'], 'collecting', { name }));
  await publishArtifact(leased.deps, a, { id }, { name, files, archive: null }, never);
}

async function wait(a: Job): Promise<void> {
  const id = await idOf(a, 0);
  await leased.journal.commit(async (tx) => {
    await moveArtifact(tx, a, id, ['pending'], 'collecting');
    await moveArtifact(tx, a, id, ['collecting'], 'waiting', { waits_until: tx.at + 60_000 });
  });
}

async function fail(a: Job, name: string, to: 'failed' | 'empty' = 'failed'): Promise<void> {
  const id = await idOf(a, name === 'docs' ? 1 : 0);
  const reason = to === 'failed' ? 'disk full' : null;
  await leased.journal.commit((tx) => moveArtifact(tx, a, id, ['pending'], to, { reason }));
}

async function stateOf(position: number): Promise<string | undefined> {
  return (await stepsOfJob(leased.store.db, taker.id))[position]?.state;
}

async function logOf(step: string): Promise<string> {
  const id = { build: leased.build.id, job: taker.id, step };
  const { content } = await leased.logs.read(id, { offset: 0 }, never);
  return Buffer.concat(await Array.fromAsync(content)).toString();
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}
