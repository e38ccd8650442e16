import { afterEach, beforeEach, expect, test } from 'vitest';
import { sentByHand, submitBuild } from '#controller/builds';
import { createJournal, type Journal } from '#controller/events';
import { createLabelMatcher } from '#controller/matching';
import { moveNode } from '#controller/nodes';
import { jobsOfBuild, openRequests, openStore, type Job, type Store } from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { intendNode } from '../provisioner/intend-node.ts';
import { createScheduler, type Scheduler } from './index.ts';

const never = new AbortController().signal;
const time = { now: 1_000_000 };
const clock = { now: () => time.now, after: () => () => undefined };

let store: Store;
let journal: Journal;
let scheduler: Scheduler;

beforeEach(async () => {
  time.now = 1_000_000;
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock });
  scheduler = createScheduler({ store, journal, clock, matcher: createLabelMatcher() });
});

afterEach(() => store.close());

test('a job that nobody can serve delays none behind it, with the same labels or others (I8, L13)', async () => {
  const jobs = [await queue('gpu'), await queue('gpu'), await queue('linux'), await queue('arm && linux')];
  await ready('linux');
  await ready('linux', 'arm');
  await scheduler.run(never);
  expect(await states(jobs)).toEqual(['queued', 'queued', 'leased', 'leased']);
  expect(await openRequests(store.db)).toMatchObject([{ runs_on: 'gpu' }, { runs_on: 'gpu' }]);
});

test('whoever has waited longest comes first, and a node serves one job ever (I1)', async () => {
  const jobs = [await queue('linux'), await queue('linux')];
  await ready('linux');
  await scheduler.run(never);
  await scheduler.run(never);
  expect(await states(jobs)).toEqual(['leased', 'queued']);
});

test('two schedulers at once give a node to one job (I1)', async () => {
  const jobs = [await queue('linux'), await queue('linux'), await queue('linux')];
  await ready('linux');
  const other = createScheduler({ store, journal, clock, matcher: createLabelMatcher() });
  await Promise.all([scheduler.run(never), other.run(never)]);
  expect((await states(jobs)).filter((state) => state === 'leased')).toHaveLength(1);
});

test('a job waits as long as it may, and no longer; the next pass is due when the next wait is over', async () => {
  const first = await queue('linux');
  time.now += 10_000;
  const second = await queue('linux');
  expect(await scheduler.run(never)).toBe(1_060_000);
  time.now = 1_060_000;
  expect(await scheduler.run(never)).toBe(1_070_000);
  expect(await states([first, second])).toEqual(['finished', 'queued']);
  time.now = 1_070_000;
  expect(await scheduler.run(never)).toBeNull();
});

test('a higher priority goes first, until the other has waited for as many minutes', async () => {
  const usual = await queue('linux');
  const urgent = await queue('linux', 75);
  await ready('linux');
  await scheduler.run(never);
  expect(await states([usual, urgent])).toEqual(['queued', 'leased']);
  time.now += 26 * 60_000;
  const late = await queue('linux', 75);
  await ready('linux');
  await scheduler.run(never);
  expect(await states([usual, late])).toEqual(['leased', 'queued']);
});

async function queue(labels: string, priority = 50): Promise<Job> {
  const source = `jobs: { a: { runs-on: '${labels}', priority: ${priority}, steps: [{ run: work }] } }`;
  const parsed = parsePipeline(source, 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
  const { id } = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
  const [job] = await jobsOfBuild(store.db, id);
  if (job === undefined) throw new Error('no job');
  return job;
}

async function ready(...labels: string[]): Promise<void> {
  const template = {
    cloud: 'local',
    name: 'host',
    labels: new Set(labels),
    settings: {},
    maxNodes: 9,
    minReady: 0,
  };
  await journal.commit(async (tx) => {
    const { id } = await intendNode(tx, template, null);
    await moveNode(tx, id, ['planned'], 'launching');
    await moveNode(tx, id, ['launching'], 'checking');
    await moveNode(tx, id, ['checking'], 'ready', { ready_at: tx.at });
  });
}

async function states(jobs: readonly Job[]): Promise<string[]> {
  const rows = await Promise.all(jobs.map((job) => jobsOfBuild(store.db, job.build_id)));
  return rows.flat().map(({ state }) => state);
}
