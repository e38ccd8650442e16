import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createJournal, type Journal } from '#controller/events';
import {
  artifactsOfJob,
  findBuild,
  jobsOfBuild,
  openStore,
  stepsOfJob,
  type Build,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { cancelBuild, createBuildKeeper, finishJob, moveJob, sentByHand, submitBuild } from './index.ts';

const never = new AbortController().signal;
const clock = {
  time: 0,
  now: () => clock.time,
  after: () => () => undefined,
};

let store: Store;
let journal: Journal;

beforeEach(async () => {
  clock.time = 1_000_000;
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  journal = createJournal({ store, clock });
});

afterEach(() => store.close());

const CHAIN = `
timeout: 1h
jobs:
  first: { runs-on: linux, steps: [{ run: "true" }], artifacts: [{ name: out, paths: [out] }] }
  third: { runs-on: linux, needs: second, steps: [{ run: "true" }] }
  second: { runs-on: linux, needs: first, steps: [{ run: "true" }], artifacts: [{ name: out, paths: [out] }] }
`;

describe('cancelling a build', () => {
  test('cancels all its jobs: none counts as skipped because another was cancelled first', async () => {
    const build = await submit(CHAIN);
    const cancelled = await cancelBuild(journal, build.id, { reason: 'by a person', force: false });
    expect(cancelled).toMatchObject({
      state: 'finished',
      result: 'cancelled',
      cancel_requested_at: clock.time,
    });
    expect(await results(build)).toEqual({ first: 'cancelled', second: 'cancelled', third: 'cancelled' });
  });

  test('of a build that is over changes nothing', async () => {
    const build = await submit(CHAIN);
    const [first] = await jobsOfBuild(store.db, build.id);
    await journal.commit((tx) => finishJob(tx, first?.id ?? '', { result: 'failure', reason: 'it failed' }));
    expect(await cancelBuild(journal, build.id, { reason: 'by a person', force: false })).toMatchObject({
      result: 'failure',
    });
  });
});

test('artifacts of jobs that end without a run say so', async () => {
  const build = await submit(CHAIN);
  const [first] = await jobsOfBuild(store.db, build.id);
  await journal.commit((tx) => finishJob(tx, first?.id ?? '', { result: 'errored', reason: 'no node' }));
  for (const job of await jobsOfBuild(store.db, build.id)) {
    for (const artifact of await artifactsOfJob(store.db, job.id))
      expect(artifact).toMatchObject({ state: 'empty', reason: 'its job did not run' });
  }
});

describe('what a job takes, leaves and reports', () => {
  const JOBS = `
jobs:
  build: { runs-on: linux, steps: [{ run: make }], artifacts: [{ name: bin, paths: bin/* }, { paths: out/** }] }
  test:
    needs: build
    runs-on: linux
    prepare: { steps: [{ run: apt }] }
    artifacts: [{ name: logs, paths: "*.log" }, { from: build, name: bin }]
    reports: { junit: out.xml }
    steps: [{ run: make test }]
    post: { always: [{ run: clean }] }
  reporter: { runs-on: linux, steps: [{ run: make }], reports: { junit: out.xml } }
  quiet: { runs-on: linux, steps: [{ run: make }] }
`;

  test('are steps: the first of its own, and the very last', async () => {
    const build = await submit(JOBS);
    expect(await stepsOf(build, 'test')).toEqual([
      'prepare run: apt',
      'main fetch: take bin from build',
      'main run: make test',
      'always run: clean',
      'collect collect: store what the job leaves',
    ]);
    expect((await stepsOf(build, 'build')).at(-1)).toBe('collect collect: store what the job leaves');
    expect((await stepsOf(build, 'reporter')).at(-1)).toBe('collect collect: store what the job leaves');
    expect(await stepsOf(build, 'quiet')).toEqual(['main run: make']);
  });

  test('are rows that wait for it, each in the list of its role', async () => {
    const build = await submit(JOBS);
    expect(await artifactsOf(build, 'build')).toEqual(['artifact 0: bin', 'artifact 1: artifacts-2']);
    expect(await artifactsOf(build, 'test')).toEqual(['artifact 0: logs', 'junit 0: reports of tests']);
    expect(await artifactsOf(build, 'quiet')).toEqual([]);
  });
});

describe("a build's own timeout", () => {
  test('ends what waits when it is up, counted from the creation, and leaves what runs to its driver', async () => {
    const build = await submit(CHAIN);
    const keeper = createBuildKeeper({ store, journal, clock });
    expect(await keeper.run(never)).toBe(build.created_at + 3_600_000);
    const [first] = await jobsOfBuild(store.db, build.id);
    await journal.commit((tx) => moveJob(tx, first?.id ?? '', ['queued'], 'leased'));

    clock.time += 3_600_000;
    expect(await keeper.run(never)).toBeNull();
    expect(await results(build)).toEqual({ first: null, second: 'timed-out', third: 'timed-out' });
  });

  test('ends a build that nobody ran, also after a restart', async () => {
    const build = await submit(CHAIN);
    clock.time += 4_000_000;
    await createBuildKeeper({ store, journal, clock }).run(never);
    expect(await findBuild(store.db, build.id)).toMatchObject({
      result: 'timed-out',
      reason: 'first ended timed-out: the build took longer than 1h',
    });
  });

  test('does not concern builds without one, and finished ones', async () => {
    const build = await submit(CHAIN.replace('timeout: 1h', ''));
    const over = await submit(CHAIN);
    await cancelBuild(journal, over.id, { reason: 'by a person', force: false });
    clock.time += 4_000_000;
    expect(await createBuildKeeper({ store, journal, clock }).run(never)).toBeNull();
    expect(await results(build)).toEqual({ first: null, second: null, third: null });
    expect(await results(over)).toMatchObject({ first: 'cancelled' });
  });
});

test("a listener's mistake is not the writer's, nor the other listeners'", async () => {
  const warned = new Promise((resolve) => process.once('warning', resolve));
  const heard: string[] = [];
  journal.subscribe(() => {
    throw new Error('a listener failed');
  });
  journal.subscribe((changes) => heard.push(...changes.map(({ kind }) => kind)));
  await submit(CHAIN);
  expect(heard).toContain('build');
  expect(await warned).toMatchObject({ message: 'a listener failed' });
});

async function submit(source: string): Promise<Build> {
  const parsed = parsePipeline(source, 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
  return submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
}

async function results(build: Build): Promise<Record<string, string | null>> {
  const jobs = await jobsOfBuild(store.db, build.id);
  return Object.fromEntries(jobs.map(({ key, result }) => [key, result]));
}

async function idOf(build: Build, key: string): Promise<string> {
  const job = (await jobsOfBuild(store.db, build.id)).find((one) => one.key === key);
  return job?.id ?? '';
}

async function stepsOf(build: Build, key: string): Promise<string[]> {
  const steps = await stepsOfJob(store.db, await idOf(build, key));
  return steps.map(({ phase, spec, name }) => `${phase} ${spec.kind}: ${name}`);
}

async function artifactsOf(build: Build, key: string): Promise<string[]> {
  const artifacts = await artifactsOfJob(store.db, await idOf(build, key));
  return artifacts.map(({ role, position, name }) => `${role} ${position}: ${name}`);
}
