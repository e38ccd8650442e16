import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cancelBuild,
  cancelJob,
  createBuildKeeper,
  finishJob,
  moveJob,
  sentByHand,
  submitBuild,
  type BuildKeeper,
} from '#controller/builds';
import { createJournal, type Journal } from '#controller/events';
import {
  eventsAfter,
  findBuild,
  jobsOfBuild,
  openStore,
  type Build,
  type Job,
  type Result,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { optionalService } from '#test/optional';
import { BACKENDS, type Backend } from '../../contracts/store/backend.ts';

const never = new AbortController().signal;

/** Two controllers on one database; which of them does something is as it comes. */
interface Pair extends AsyncDisposable {
  stores: Store[];
  journals: Journal[];
  keepers: BuildKeeper[];
  clock: { time: number; now(): number; after(): () => void };
}

for (const { name, missing, start } of BACKENDS) {
  optionalService(name, missing)(`builds on ${name}, with everything at the same moment:`, () => {
    let backend: Backend;

    beforeAll(async () => {
      backend = await start();
    });

    afterAll(() => backend.stop());

    test('jobs that end together let what waits for all of them go, and end their build', async () => {
      await using pair = await openPair(backend);
      const build = await submit(
        pair,
        `jobs: { a: { matrix: { n: ${list(24)}, fail-fast: false }, ${STEPS} }, last: { needs: a, ${STEPS} } }`,
      );
      await endAll(pair, build, () => 'success');
      expect(await states(pair, build)).toMatchObject({ last: 'queued' });
      await endAll(pair, build, () => 'success');
      expect(await ended(pair, build)).toMatchObject({ state: 'finished', result: 'success' });
      expect(await endings(pair, build)).toBe(1);
    });

    test('a matrix becomes its cells once, whoever ends the last job that it waits for', async () => {
      await using pair = await openPair(backend);
      const build = await submit(
        pair,
        `jobs:
  a: { matrix: { n: ${list(8)} }, ${STEPS} }
  b: { needs: a, matrix: { n: "\${{ needs.a.cells.*.matrix.n }}" }, ${STEPS} }
`,
      );
      await endAll(pair, build, () => 'success');
      expect((await underWay(pair, build)).map(({ key }) => key)).toEqual(
        Array.from({ length: 8 }, (_, index) => `b (${index})`),
      );
      await endAll(pair, build, () => 'success');
      expect(await ended(pair, build)).toMatchObject({ result: 'success' });
    });

    test('never more cells run than may', async () => {
      await using pair = await openPair(backend);
      const build = await submit(
        pair,
        `jobs: { a: { matrix: { n: ${list(16)}, fail-fast: false, max-parallel: 4 }, ${STEPS} } }`,
      );
      for (let round = 0; round < 4; round++) {
        expect((await underWay(pair, build)).length).toBe(4);
        await endAll(pair, build, () => 'success');
      }
      expect(await ended(pair, build)).toMatchObject({ result: 'success' });
    });

    test('fail-fast, retries, cancels of jobs and of the build lead to one end', async () => {
      await using pair = await openPair(backend);
      const build = await submit(
        pair,
        `jobs:
  a: { matrix: { n: ${list(16)} }, retry: { max: 1, on: [failure, errored] }, ${STEPS} }
  late: { needs: a, if: always(), ${STEPS} }
`,
      );
      const jobs = await underWay(pair, build);
      await Promise.all([
        ...jobs.map((job, index) => end(pair, job, index, RESULTS[index % RESULTS.length] ?? 'success')),
        ...jobs
          .slice(0, 4)
          .map((job, index) =>
            journalOf(pair, index).commit((tx) => cancelJob(tx, job, { reason: 'enough', force: index > 1 })),
          ),
        cancelBuild(journalOf(pair, 1), build.id, { reason: 'stop', force: false }),
        ...pair.keepers.map((keeper) => keeper.run(never)),
      ]);
      for (let round = 0; round < 3; round++) await endAll(pair, build, () => 'cancelled');
      expect(await ended(pair, build)).toMatchObject({ state: 'finished' });
      expect(await endings(pair, build)).toBe(1);
    });

    test('builds of one group run one at a time, and all get their turn', async () => {
      await using pair = await openPair(backend);
      const source = `concurrency: group\njobs: { a: { ${STEPS} }, b: { ${STEPS} } }`;
      const builds = await Promise.all(Array.from({ length: 8 }, (_, index) => submit(pair, source, index)));
      for (let round = 0; round < builds.length; round++) {
        const running = (await Promise.all(builds.map((build) => underWay(pair, build)))).filter(
          (jobs) => jobs.length > 0,
        );
        expect(running.map((jobs) => jobs.length)).toEqual([2]);
        await Promise.all((running[0] ?? []).map((job, index) => end(pair, job, index, 'success')));
        await Promise.all(pair.keepers.map((keeper) => keeper.run(never)));
      }
      for (const build of builds) expect(await ended(pair, build)).toMatchObject({ result: 'success' });
    });

    test('jobs of one group run one at a time over builds, though newer ones end older ones', async () => {
      await using pair = await openPair(backend);
      const source = `jobs: { a: { concurrency: { group: g, cancel-in-progress: true }, ${STEPS} }, b: { concurrency: h, ${STEPS} } }`;
      const builds = await Promise.all(Array.from({ length: 8 }, (_, index) => submit(pair, source, index)));
      for (let round = 0; round <= builds.length; round++) {
        const running = (await Promise.all(builds.map((build) => underWay(pair, build)))).flat();
        expect(running.filter(({ key }) => key === 'a').length).toBeLessThanOrEqual(1);
        expect(running.filter(({ key }) => key === 'b').length).toBeLessThanOrEqual(1);
        await Promise.all(running.map((job, index) => end(pair, job, index, 'success')));
        await Promise.all(pair.keepers.map((keeper) => keeper.run(never)));
      }
      const results = await Promise.all(builds.map((build) => ended(pair, build)));
      expect(results.map(({ state }) => state)).toEqual(builds.map(() => 'finished'));
      expect(results.at(-1)).toBeDefined();
    });
  });
}

const STEPS = 'runs-on: linux, steps: [{ run: "true" }]';
const RESULTS: readonly Result[] = ['failure', 'success', 'errored', 'timed-out'];

async function openPair(backend: Backend): Promise<Pair> {
  const settings = await backend.database();
  const clock = { time: 1_000_000, now: () => clock.time, after: () => () => undefined };
  const stores = [await openStore(settings), await openStore(settings)];
  const journals = stores.map((store) => createJournal({ store, clock }));
  const keepers = stores.map((store, index) =>
    createBuildKeeper({ store, journal: journals[index] ?? createJournal({ store, clock }), clock }),
  );
  return {
    stores,
    journals,
    keepers,
    clock,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store.close();
    },
  };
}

function list(length: number): string {
  return `[${Array.from({ length }, (_, index) => index).join()}]`;
}

function journalOf({ journals }: Pair, index: number): Journal {
  const journal = journals[index % journals.length];
  if (journal === undefined) throw new Error('there is no controller');
  return journal;
}

function storeOf({ stores: [store] }: Pair): Store {
  if (store === undefined) throw new Error('there is no store');
  return store;
}

function submit(pair: Pair, source: string, index = 0): Promise<Build> {
  const parsed = parsePipeline(source, 'test.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
  return submitBuild(journalOf(pair, index), submission, { queueTimeoutMs: 60_000 });
}

/** Starts the job, if it is queued, and ends it, on one of the controllers. */
async function end(pair: Pair, { id }: Job, index: number, result: Result): Promise<void> {
  await journalOf(pair, index).commit((tx) => moveJob(tx, id, ['queued'], 'leased'));
  await journalOf(pair, index).commit((tx) => moveJob(tx, id, ['leased'], 'running', { started_at: tx.at }));
  await journalOf(pair, index).commit((tx) => finishJob(tx, id, { result, reason: null }));
}

async function endAll(pair: Pair, build: Build, result: (index: number) => Result): Promise<void> {
  const jobs = await underWay(pair, build);
  await Promise.all(jobs.map((job, index) => end(pair, job, index, result(index))));
}

async function underWay(pair: Pair, build: Build): Promise<Job[]> {
  const jobs = await jobsOfBuild(storeOf(pair).db, build.id);
  return jobs.filter(({ state }) => state !== 'blocked' && state !== 'finished');
}

async function states(pair: Pair, build: Build): Promise<Record<string, string>> {
  const jobs = (await jobsOfBuild(storeOf(pair).db, build.id)).filter(({ superseded }) => superseded === 0);
  return Object.fromEntries(jobs.map(({ key, state, result }) => [key, result ?? state]));
}

async function ended(pair: Pair, { id }: Build): Promise<Build> {
  const build = await findBuild(storeOf(pair).db, id);
  if (build === undefined) throw new Error('the build is gone');
  return build;
}

/** How often it was told that the build has ended. */
async function endings(pair: Pair, { id }: Build): Promise<number> {
  const events = await eventsAfter(storeOf(pair).db, 0, { limit: 10_000, buildId: id });
  return events.filter(({ kind, data }) => kind === 'build' && data['state'] === 'finished').length;
}
