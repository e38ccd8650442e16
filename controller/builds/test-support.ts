import { createJournal, type Journal, type Tx } from '#controller/events';
import {
  findBuild,
  findJobByKey,
  jobsOfBuild,
  openStore,
  type Build,
  type Job,
  type Result,
  type Store,
} from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { finishJob, moveJob, sentByHand, submitBuild, type Submission } from './index.ts';

/** Builds in a store of their own, with time and jobs' endings in the test's hand. */
export interface BuildsFixture extends AsyncDisposable {
  store: Store;
  journal: Journal;
  clock: { time: number; now(): number; after(): () => void };
  /** `include` gives the text of a file of templates. */
  submit(
    pipeline: string,
    change?: Partial<Submission>,
    include?: (path: string) => string | undefined,
  ): Promise<Build>;
  /** Plays the rest of the house: the job gets a node, runs, and ends so. */
  finish(build: Build, key: string, result: Result, outputs?: Record<string, string>): Promise<void>;
  start(build: Build, key: string): Promise<void>;
  job(build: Build, key: string): Promise<Job>;
  /** `key: state or result` of each job that counts, in the order of the pipeline. */
  states(build: Build): Promise<Record<string, string>>;
  build(build: Build): Promise<Build>;
  commit<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export async function openBuilds(): Promise<BuildsFixture> {
  const clock = { time: 100_000_000, now: () => clock.time, after: () => () => undefined };
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock });

  return {
    store,
    journal,
    clock,
    submit,
    async finish(build, key, result, outputs) {
      await start(build, key);
      const { id } = await job(build, key);
      await journal.commit((tx) =>
        finishJob(tx, id, {
          result,
          reason: result === 'success' ? null : `it was a ${result}`,
          ...(outputs === undefined ? {} : { outputs }),
        }),
      );
    },
    start,
    job,
    async states(build) {
      const jobs = (await jobsOfBuild(store.db, build.id)).filter(({ superseded }) => superseded === 0);
      return Object.fromEntries(jobs.map(({ key, state, result }) => [key, result ?? state]));
    },
    async build({ id }) {
      const build = await findBuild(store.db, id);
      if (build === undefined) throw new Error(`build ${id} is gone`);
      return build;
    },
    commit: (work) => journal.commit(work),
    [Symbol.asyncDispose]: () => store.close(),
  };

  async function submit(
    source: string,
    change: Partial<Submission> = {},
    include?: (path: string) => string | undefined,
  ): Promise<Build> {
    const parsed = parsePipeline(source, 'test.yaml', include === undefined ? {} : { include });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return submitBuild(
      journal,
      { ...sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' }), ...change },
      { queueTimeoutMs: 60_000 },
    );
  }

  async function start(build: Build, key: string): Promise<void> {
    const { id } = await job(build, key);
    await journal.commit(async (tx) => {
      await moveJob(tx, id, ['queued'], 'leased');
      await moveJob(tx, id, ['leased'], 'running', { started_at: tx.at });
    });
  }

  async function job(build: Build, key: string): Promise<Job> {
    const found = await findJobByKey(store.db, build.id, key);
    if (found === undefined) throw new Error(`build #${build.number} has no job ${key}`);
    return found;
  }
}
