import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishJob, moveJob, sentByHand, submitBuild, type Ending } from '#controller/builds';
import type { CapturedImage, NodeReference } from '#controller/clouds';
import { createJournal, type Change, type Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import { grantLease } from '#controller/leases';
import { createLogger, type Logger } from '#controller/logger';
import { createLogs, type Logs } from '#controller/logs';
import {
  findJobByKey,
  findNode,
  findStream,
  findVersion,
  insertNode,
  insertSteps,
  insertVersion,
  listStreams,
  openStore,
  stepsOfJob,
  type Build,
  type ImageStream,
  type ImageVersion,
  type Job,
  type Node,
  type Step,
  type Store,
  type StreamId,
} from '#controller/store';
import { parsePipeline, type Promotion, type Step as StepSpec } from '#shared/pipeline';
import { createHandClock, type HandClock } from '../clock/test-support.ts';
import { readyNode } from '../gateway/test-support.ts';
import { beginCapture, freshVersion, nextNumber } from './begin-capture.ts';
import { createVersionKeeper, type VersionKeeper } from './keeper.ts';
import { snapshotStep } from './steps.test-support.ts';

export const HOUR = 3_600_000;
export const ROLL_BACK_AFTER = 3;
interface Wish {
  cloud?: string;
  stream?: string;
  verify?: StepSpec[] | null;
  promote?: Promotion;
  continueOnError?: boolean;
  /** How the job ends when its node was captured. */
  outputs?: Record<string, string>;
}

/** A keeper, and clouds that keep images in memory. Whatever a test does, what is current is good (I5): that is looked at in the end. */
export interface KeeperFixture extends AsyncDisposable {
  store: Store;
  journal: Journal;
  clock: HandClock;
  logger: Logger;
  logs: Logs;
  keeper: VersionKeeper;
  changes: Change[];
  /** All captures that clouds were asked for, by the name of the image. */
  asked: string[];
  /** What clouds hold. */
  images: Map<string, CapturedImage>;
  /** What a cloud does before it makes the image; nothing at first. */
  before: (name: string, node: NodeReference, signal: AbortSignal) => Promise<void>;
  /** What a held node's agent does when it is to pack; nothing at first. */
  pack: (nodeId: string) => Promise<void>;
  /** What a cloud says to whoever looks for an image. */
  find: (name: string) => Promise<CapturedImage | null>;
  /** Clouds and templates that are configured. */
  clouds: Set<string>;
  submit(pipeline: string): Promise<Build>;
  /** The job has done its work and asks to be captured. */
  snapshot(build: Build, key: string, wish?: Wish): Promise<ImageVersion>;
  /** The job gets a node and runs. */
  run(build: Build, key: string, place: Pick<Wish, 'cloud'>): Promise<{ id: string; nodeId: string }>;
  /** Passes until nothing moves; calls to clouds that hang are not waited for. */
  settle(): Promise<number | null>;
  /** The job gets a node, runs, and ends so. */
  finish(build: Build, key: string, ending: Ending): Promise<void>;
  job(build: Build, key: string): Promise<Job>;
  step(job: Job): Promise<Step | undefined>;
  version(version: { id: string }): Promise<ImageVersion>;
  stream(id?: Partial<StreamId>): Promise<ImageStream | undefined>;
  /** One that came from elsewhere. */
  put(set?: Partial<ImageVersion>): Promise<ImageVersion>;
  node(set: Partial<Node>): Promise<Node>;
  /** A new keeper on what the old one left, which gives up its calls. */
  restart(): Promise<void>;
  /** Another one on the same rows, as another controller has it. */
  another(): VersionKeeper;
}

export async function openKeeper(): Promise<KeeperFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'footman-images-'));
  const clock = createHandClock();
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const journal = createJournal({ store, clock });
  const logs = createLogs({ folder });
  const logger = createLogger('silent');
  const changes: Change[] = [];
  journal.subscribe((some) => changes.push(...some));
  let stopping = new AbortController();

  const fixture: KeeperFixture = {
    store,
    journal,
    clock,
    logger,
    logs,
    keeper: another(),
    changes,
    asked: [],
    images: new Map(),
    before: () => Promise.resolve(),
    pack: () => Promise.resolve(),
    find: async (name) => fixture.images.get(name) ?? null,
    clouds: new Set(['local', 'other']),
    async submit(source) {
      const parsed = parsePipeline(source, 'test.yaml');
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
      return submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
    },
    snapshot,
    run,
    async settle() {
      let due: number | null = null;
      for (let before = -1; before < changes.length;) {
        before = changes.length;
        due = await fixture.keeper.run(new AbortController().signal);
        await fixture.keeper.settled();
      }
      return due;
    },
    async finish(build, key, ending) {
      const { id } = await run(build, key, {});
      await journal.commit((tx) => finishJob(tx, id, ending));
    },
    job,
    async step(job) {
      return (await stepsOfJob(store.db, job.id)).find(({ spec }) => spec.kind === 'snapshot');
    },
    async version({ id }) {
      const found = await findVersion(store.db, id);
      if (found === undefined) throw new Error(`version ${id} is gone`);
      return found;
    },
    stream: ({ name = 'base', cloud = 'local' } = {}) => findStream(store.db, { name, cloud }),
    put: (set = {}) =>
      journal.commit(async (tx) => {
        const { stream: name = 'base', cloud = 'local' } = set;
        const number = await nextNumber(tx, { name, cloud }, { keep: 3, refreshAfterMs: null });
        const fresh = freshVersion(tx, { name, cloud }, number);
        const version = { ...fresh, template: 'host', ...set };
        await insertVersion(tx.db, version);
        fixture.images.set(version.name, imageOf(version.name));
        return version;
      }),
    async node(set) {
      const node = { ...readyNode(clock.now()), ...set };
      await insertNode(store.db, node);
      return node;
    },
    async restart() {
      stopping.abort(new Error('the controller stops'));
      await fixture.keeper.settled();
      stopping = new AbortController();
      fixture.keeper = another();
    },
    another,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the controller stops'));
      await fixture.keeper.settled();
      await checkCurrent();
      await logs.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return fixture;

  function another(): VersionKeeper {
    return createVersionKeeper({
      store,
      journal,
      clock,
      logger,
      logs,
      fleet: { template, connection } as unknown as Pick<Fleet, 'template' | 'connection'>,
      heldNodes: { pack: (nodeId) => fixture.pack(nodeId) },
      settings: () => ({ captureMs: HOUR, rollBackAfter: ROLL_BACK_AFTER }),
      submitDefaults: { queueTimeoutMs: 60_000 },
      signal: stopping.signal,
    });
  }

  function template(cloud: string, name: string): object | undefined {
    const isConfigured = fixture.clouds.has(cloud) && name === 'host';
    return isConfigured ? { labels: new Set(['linux box']) } : undefined;
  }

  function connection(cloud: string): object | undefined {
    const find = (name: string) => fixture.find(name);
    return fixture.clouds.has(cloud) ? { images: { capture, find } } : undefined;
  }

  async function capture(node: NodeReference, name: string, signal: AbortSignal): Promise<CapturedImage> {
    fixture.asked.push(name);
    await fixture.before(name, node, signal);
    const image = imageOf(name);
    fixture.images.set(name, image);
    return image;
  }

  async function snapshot(build: Build, key: string, wish: Wish = {}): Promise<ImageVersion> {
    const { cloud = 'local', stream = 'base', verify = [], promote = { how: 'auto' }, outputs } = wish;
    const { id, nodeId } = await run(build, key, { cloud });
    const node = await findNode(store.db, nodeId);
    if (node === undefined) throw new Error('the job has no node');
    const wanted = { stream, verify, keep: 3, promote };
    await insertSteps(store.db, [snapshotStep(id, wanted, wish.continueOnError === true)]);
    const ending = { result: 'success' as const, reason: null, ...(outputs !== undefined && { outputs }) };
    return journal.commit((tx) => beginCapture(tx, { build, jobId: id, node, snapshot: wanted, ending }));
  }

  async function run(
    build: Build,
    key: string,
    place: Pick<Wish, 'cloud'>,
  ): Promise<{ id: string; nodeId: string }> {
    const { id } = await job(build, key);
    const node = { ...readyNode(clock.now()), ...place };
    await insertNode(store.db, node);
    await journal.commit(async (tx) => {
      const leased = await moveJob(tx, id, ['queued'], 'leased');
      if (leased === undefined) throw new Error(`job ${key} does not wait for a node`);
      await grantLease(tx, leased, [{ nodeId: node.id, role: 'main' }]);
      await moveJob(tx, id, ['leased'], 'running', { started_at: tx.at });
    });
    return { id, nodeId: node.id };
  }

  async function job(build: Build, key: string): Promise<Job> {
    const found = await findJobByKey(store.db, build.id, key);
    if (found === undefined) throw new Error(`there is no job ${key}`);
    return found;
  }

  /** I5: what is current was verified, is not bad, and its cloud has it. */
  async function checkCurrent(): Promise<void> {
    for (const { current, previous } of await listStreams(store.db))
      for (const id of [current, previous].filter((one) => one !== null)) {
        const { state, bad, name } = await fixture.version({ id });
        if (state !== 'ready' || bad !== 0 || !fixture.images.has(name))
          throw new Error(`${name} is current or previous, and ${state}`);
      }
  }
}

function imageOf(name: string): CapturedImage {
  return { image: `images/${name}`, bytes: 5 * 2 ** 20, digest: `sha256:${name}` };
}
