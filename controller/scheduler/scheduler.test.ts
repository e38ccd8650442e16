import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sentByHand, submitBuild } from '#controller/builds';
import { createJournal, type Change, type Journal } from '#controller/events';
import { createFleet } from '#controller/fleet';
import { createLabelMatcher } from '#controller/matching';
import {
  activeLeaseOfJob,
  findJob,
  insertNode,
  insertProject,
  jobsOfBuild,
  newId,
  nodesOfLease,
  openRequestRows,
  openStore,
  putCordon,
  recordDecline,
  type Job,
  type NewNode,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { cloudOf, templateOf } from '../provisioner/test-support.ts';
import { createQueueStore, createScheduler, type QueueStore, type Scheduler } from './index.ts';

const never = new AbortController().signal;
const HOUR = 60 * 60_000;
const START = 1_000_000;
const time = { now: START };
const clock = { now: () => time.now, after: () => () => undefined };

const fleet = createFleet([
  cloudOf('vm', [templateOf({ cost: 2 })]),
  cloudOf('local', [templateOf({ cost: 1 }), templateOf({ name: 'spare', weight: 50 })]),
]);

let store: Store;
let journal: Journal;
let queue: QueueStore;
let scheduler: Scheduler;

beforeEach(async () => {
  time.now = START;
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock });
  queue = createQueueStore({ store, journal });
  scheduler = createScheduler({ queue, clock, matcher: createLabelMatcher(), fleet });
});

afterEach(() => store.close());

describe('no head-of-line blocking (I8, L13)', () => {
  test('a job that nobody can serve delays none behind it, with the same labels or others', async () => {
    const jobs = [
      await submit('gpu'),
      await submit('gpu'),
      await submit('linux'),
      await submit('arm && linux'),
    ];
    await ready(['linux']);
    await ready(['linux', 'arm']);
    await scheduler.run(never);
    expect(await states(jobs)).toEqual(['queued', 'queued', 'leased', 'leased']);
    expect(await openRequestRows(store.db)).toMatchObject([{ runs_on: 'gpu' }, { runs_on: 'gpu' }]);
  });

  test('a project at its limit waits alone, and asks for what it waits for', async () => {
    await addProject('greedy', { max_nodes: 1 });
    await addProject('modest');
    const first = await submit('linux', { project: 'greedy' });
    await ready(['linux']);
    await scheduler.run(never);
    const second = await submit('linux', { project: 'greedy', priority: 100 });
    const other = await submit('linux', { project: 'modest' });
    const sent = await submit('linux');
    for (let n = 0; n < 3; n++) await ready(['linux']);
    await scheduler.run(never);
    expect(await states([first, second, other, sent])).toEqual(['leased', 'queued', 'leased', 'leased']);
    expect(await openRequestRows(store.db)).toMatchObject([{ job_id: second.id, max_nodes: 1 }]);
  });

  test('jobs that nobody can serve cost their project nothing: its others keep their turns', async () => {
    await addProject('ceph');
    await addProject('swift');
    for (let n = 0; n < 5; n++) await submit('gpu', { project: 'ceph' });
    const jobs = [];
    for (const project of ['ceph', 'swift', 'swift', 'ceph']) jobs.push(await submit('linux', { project }));
    await ready(['linux']);
    await ready(['linux']);
    await scheduler.run(never);
    expect(await states(jobs)).toEqual(['leased', 'leased', 'queued', 'queued']);
  });
});

test('whoever has waited longest comes first, and a node serves one job ever (I1)', async () => {
  const jobs = [await submit('linux'), await submit('linux')];
  await ready(['linux']);
  await scheduler.run(never);
  await scheduler.run(never);
  expect(await states(jobs)).toEqual(['leased', 'queued']);
});

test('two schedulers at once give a node to one job, and ask once for each of the others (I1)', async () => {
  const jobs = [await submit('linux'), await submit('linux'), await submit('linux')];
  await ready(['linux']);
  const other = createScheduler({ queue, clock, matcher: createLabelMatcher(), fleet });
  await Promise.all([scheduler.run(never), other.run(never)]);
  expect((await states(jobs)).filter((state) => state === 'leased')).toHaveLength(1);
  expect(await openRequestRows(store.db)).toHaveLength(2);
});

test('a job that was cancelled meanwhile asks for nothing, and leaves the node to others', async () => {
  const gone = await submit('linux');
  const [stale] = await queue.queued(1);
  if (stale === undefined) throw new Error('nothing is queued');
  await ready(['linux']);
  await scheduler.run(never);
  await ready(['linux']);
  const [node] = await queue.ready();
  if (node === undefined) throw new Error('nothing is ready');
  expect(await queue.place(stale, node)).toBe('job gone');
  await queue.ask(stale);
  await queue.giveUp(stale);
  expect(await states([gone])).toEqual(['leased']);
  expect(await openRequestRows(store.db)).toEqual([]);
  expect(await queue.ready()).toHaveLength(1);
});

test('a job waits as long as it may, and no longer; the next pass is due when the next wait is over', async () => {
  const first = await submit('linux');
  time.now += 10_000;
  const second = await submit('linux');
  expect(await scheduler.run(never)).toBe(START + 60_000);
  const request = (await openRequestRows(store.db)).find(({ job_id: job }) => job === first.id);
  const template = { cloud: 'local', template: 'host' };
  const full = { code: 'quota', reason: 'at quota 2/2', final: false, at: START } as const;
  await recordDecline(store.db, request?.id ?? '', { ...template, ...full });
  time.now = START + 60_000;
  expect(await scheduler.run(never)).toBe(START + 70_000);
  expect(await states([first, second])).toEqual(['finished', 'queued']);
  expect((await findJob(store.db, first.id))?.reason).toBe('no node within 1m; local/host: at quota 2/2');
  time.now = START + 70_000;
  expect(await scheduler.run(never)).toBeNull();
});

test('a higher priority goes first, until the other has waited for as many times six minutes', async () => {
  const usual = await submit('linux');
  const urgent = await submit('linux', { priority: 75 });
  await ready(['linux']);
  await scheduler.run(never);
  expect(await states([usual, urgent])).toEqual(['queued', 'leased']);
  time.now += 2.6 * HOUR;
  const late = await submit('linux', { priority: 75 });
  await ready(['linux']);
  await scheduler.run(never);
  expect(await states([usual, late])).toEqual(['leased', 'queued']);
});

test('projects get nodes by their shares, whoever was first', async () => {
  await addProject('small', { share: 1 });
  await addProject('large', { share: 3 });
  const small = [];
  for (let n = 0; n < 8; n++) small.push(await submit('linux', { project: 'small' }));
  const large = [];
  for (let n = 0; n < 8; n++) large.push(await submit('linux', { project: 'large' }));
  for (const atOnce of [1, 1, 2, 4]) {
    for (let n = 0; n < atOnce; n++) await ready(['linux']);
    await scheduler.run(never);
  }
  expect((await states(small)).filter((state) => state === 'leased')).toHaveLength(2);
  expect((await states(large)).filter((state) => state === 'leased')).toHaveLength(6);
});

test('no job gets a node whose agent is away, or that is cordoned itself, by its template or by its cloud', async () => {
  const cordon = { reason: 'disks fail', actor: 'ann', at: 1 };
  await putCordon(store.db, { target: 'sick', ...cordon });
  await putCordon(store.db, { target: 'local/sick', ...cordon });
  await ready(['linux'], { disconnected_at: 5 });
  await ready(['linux'], { cordoned: 'looked at by ann' });
  await ready(['linux'], { cloud: 'sick' });
  await ready(['linux'], { template: 'sick' });
  const jobs = [await submit('linux'), await submit('linux')];
  await scheduler.run(never);
  expect(await states(jobs)).toEqual(['queued', 'queued']);
  await ready(['linux'], { cloud: 'other', template: 'sick' });
  await scheduler.run(never);
  expect(await states(jobs)).toEqual(['leased', 'queued']);
});

test('what may make room is a reason to look at the queue, as long as a job waits', async () => {
  await submit('linux');
  await scheduler.run(never);
  expect(concerns('job', { state: 'queued' })).toBe(true);
  expect(concerns('job', { state: 'finished' })).toBe(false);
  expect(concerns('job', { state: 'running' })).toBe(false);
  expect(concerns('node', { state: 'ready' })).toBe(true);
  expect(concerns('node', { state: 'ready', connected: false })).toBe(false);
  expect(concerns('cordon', { state: 'lifted' })).toBe(true);
  expect(concerns('project', { state: 'changed' })).toBe(true);
  await ready(['linux']);
  await scheduler.run(never);
  expect(concerns('job', { state: 'queued' })).toBe(true);
  expect(concerns('job', { state: 'finished' })).toBe(false);
  expect(concerns('node', { state: 'ready' })).toBe(false);
});

test('the end of a job is a reason for those whose project may have only so many nodes', async () => {
  await addProject('modest', { max_nodes: 1 });
  const jobs = [await submit('linux', { project: 'modest' }), await submit('linux', { project: 'modest' })];
  await ready(['linux']);
  await ready(['linux']);
  await scheduler.run(never);
  expect(await states(jobs)).toEqual(['leased', 'queued']);
  expect(concerns('job', { state: 'finished' })).toBe(true);
});

test('a node that becomes ready while nobody waits is found by the next job', async () => {
  await scheduler.run(never);
  await ready(['linux']);
  const jobs = [await submit('linux')];
  await scheduler.run(never);
  expect(await states(jobs)).toEqual(['leased']);
});

test('of the idle nodes that fit, the one of the greater weight goes first, then the cheaper, then the one that has waited longest', async () => {
  await ready(['linux'], { id: 'light', template: 'spare' });
  await ready(['linux'], { id: 'costly', cloud: 'vm' });
  await ready(['linux'], { id: 'cheap' });
  await ready(['linux'], { id: 'late' });
  const taken: (string | undefined)[] = [];
  for (let count = 0; count < 4; count += 1) {
    const job = await submit('linux');
    await scheduler.run(never);
    const lease = await activeLeaseOfJob(store.db, job.id);
    taken.push((await nodesOfLease(store.db, lease?.id ?? ''))[0]?.id);
  }
  expect(taken).toEqual(['cheap', 'late', 'costly', 'light']);
});

function concerns(kind: Change['kind'], data: { state: string; connected?: boolean }): boolean {
  return scheduler.concerns([{ kind, data: { id: 'it', ...data } }]);
}

async function submit(
  labels: string,
  { project = null, priority = 50 }: { project?: string | null; priority?: number } = {},
): Promise<Job> {
  const source = `jobs: { a: { runs-on: '${labels}', priority: ${priority}, steps: [{ run: work }] } }`;
  const parsed = parsePipeline(source, 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = { ...sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' }), projectId: project };
  const { id } = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
  const [job] = await jobsOfBuild(store.db, id);
  if (job === undefined) throw new Error('no job');
  return job;
}

/** Ready from now on, after all others; its agent is connected. */
async function ready(labels: string[], change: Partial<NewNode> = {}): Promise<void> {
  const at = (time.now += 1);
  await insertNode(store.db, {
    id: newId(),
    cloud: 'local',
    template: 'host',
    labels,
    state: 'ready',
    state_since: at,
    session_epoch: 1,
    removal_failures: 0,
    created_at: at,
    ready_at: at,
    template_digest: '',
    hedge: 0,
    ...change,
  });
}

async function addProject(id: string, limits: { share?: number; max_nodes?: number } = {}): Promise<void> {
  await insertProject(store.db, {
    id,
    name: id,
    provider: 'git',
    repository: '/srv/git/it',
    default_branch: 'main',
    pipelines: ['.footman.yaml'],
    share: 1,
    max_nodes: null,
    created_at: START,
    ...limits,
  });
}

async function states(jobs: readonly Job[]): Promise<string[]> {
  const rows = await Promise.all(jobs.map((job) => jobsOfBuild(store.db, job.build_id)));
  return rows.flat().map(({ state }) => state);
}
