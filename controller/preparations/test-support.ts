import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFsBlobs, type Blobs } from '#controller/blobs';
import { finishJob } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Cloud, CloudImages } from '#controller/clouds';
import type { Journal, Tx } from '#controller/events';
import { createFleet, type Template } from '#controller/fleet';
import { freshVersion, nextNumber, promote } from '#controller/images';
import { createLogger } from '#controller/logger';
import { createLabelMatcher } from '#controller/matching';
import {
  findStream,
  insertVersion,
  listBuilds,
  type Build,
  type Preparation,
  type Result,
  type ImageStream,
  type ImageVersion,
  type StreamId,
  type Trigger,
} from '#controller/store';
import { openBuilds, type BuildsFixture } from '../builds/test-support.ts';
import { cloudOf, templateOf } from '../provisioner/test-support.ts';
import { createPreparer, type Preparer, type Refs } from './index.ts';

/** Builds whose jobs are prepared; the test plays the nodes, the clouds and the repositories. */
export interface PreparationsFixture extends BuildsFixture {
  blobs: Blobs;
  /** What each template's nodes are made from now, by the template's name; an error is what its cloud says instead. */
  bases: Map<string, string | Error | null>;
  /** What repositories say, by `repository ref`; an error is what happens instead. */
  refs: Map<string, string | Error>;
  /** Another version of a stream in the first cloud is ready; returns its id. */
  promote(stream: string): Promise<string>;
  pass(ms: number): void;
  /** One pass of the loop, until nothing moves any more. */
  prepare(): Promise<void>;
  /** Another life of the controller, with this journal. */
  preparer(journal?: Journal): Preparer;
  /** Builds that make images, the oldest first. */
  preparations(): Promise<Build[]>;
  /** One of them, counted from 0. */
  preparation(index: number): Promise<Build>;
  /** The build has run and its node was captured; or it ended otherwise. */
  finishPreparation(
    build: Build,
    result?: Result,
    how?: { isCaptured?: boolean; parent?: string },
  ): Promise<void>;
}

export async function openPreparations(templates: Partial<Template>[] = [{}]): Promise<PreparationsFixture> {
  const builds = await openBuilds();
  const folder = await mkdtemp(join(tmpdir(), 'footman-preparations-'));
  const blobs = await openFsBlobs({ folder: join(folder, 'blobs'), secret: Buffer.from('secret') });
  const bases = new Map<string, string | Error | null>();
  const refs = new Map<string, string | Error>();
  const stopping = new AbortController();
  const timers = new Set<{ at: number; action(): void }>();
  const clock: Clock = {
    now: () => builds.clock.time,
    after(ms, action) {
      const timer = { at: builds.clock.time + ms, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const fleet = createFleet(
    Object.entries(Object.groupBy(templates, ({ cloud = 'one' }) => cloud)).map(([name, own = []]) =>
      cloudOf(
        name,
        own.map((one) => templateOf({ settings: { image: 'debian:12' }, ...one })),
        {
          cloud: cloudThat(name !== 'bare', async () => answered(bases.get(name) ?? null)),
        },
      ),
    ),
  );
  const answering: Refs = {
    commitOf: async (repository, ref) => answered(refs.get(`${repository} ${ref ?? 'HEAD'}`) ?? ''),
  };
  const current = preparer();

  return {
    ...builds,
    blobs,
    bases,
    refs,
    promote: (name) => builds.journal.commit((tx) => addVersion(tx, { name, cloud: 'one' })),
    pass(ms) {
      builds.clock.time += ms;
      for (const timer of timers) if (timer.at <= builds.clock.time && timers.delete(timer)) timer.action();
    },
    prepare: () => once(current),
    preparer,
    preparations,
    preparation,
    finishPreparation,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await current.settled();
      await builds[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };

  function preparer(journal: Journal = builds.journal): Preparer {
    return createPreparer({
      store: builds.store,
      journal,
      clock,
      logger: createLogger('silent'),
      blobs,
      folder: join(folder, 'sources'),
      fleet,
      matcher: createLabelMatcher(),
      refs: answering,
      submitDefaults: { queueTimeoutMs: 60_000 },
      signal: stopping.signal,
    });
  }

  async function preparations(): Promise<Build[]> {
    const all = await listBuilds(builds.store.db, { limit: 100 });
    return all.filter(({ trigger }) => trigger.event === 'preparation').toReversed();
  }

  async function preparation(index: number): Promise<Build> {
    const found = (await preparations())[index];
    if (found === undefined) throw new Error('nothing is prepared');
    return found;
  }

  async function finishPreparation(
    build: Build,
    result: Result = 'success',
    {
      isCaptured = result === 'success',
      parent = 'sha256:base',
    }: { isCaptured?: boolean; parent?: string } = {},
  ): Promise<void> {
    await builds.start(build, 'prepare');
    const { id, spec, images } = await builds.job(build, 'prepare');
    const [post] = spec.post.steps;
    const stream = post?.step.kind === 'snapshot' ? post.step.snapshot.stream : '';
    const [[template, base] = ['', null]] = Object.entries(images ?? {});
    const [cloud = ''] = template.split('/');
    await builds.journal.commit(async (tx) => {
      if (isCaptured)
        await addVersion(tx, { name: stream, cloud }, { build_id: build.id, parent: base ?? parent });
      await finishJob(tx, id, { result, reason: result === 'success' ? null : `it was a ${result}` });
    });
  }
}

/** A version that is ready, and from now on its stream's current one. */
async function addVersion(tx: Tx, stream: StreamId, change: Partial<ImageVersion> = {}): Promise<string> {
  const number = await nextNumber(tx, stream, { keep: 2, refreshAfterMs: null });
  const version = freshVersion(tx, stream, number);
  await insertVersion(tx.db, { ...version, ...change, state: 'ready' });
  await promote(tx, version.id);
  return version.id;
}

/** Nothing else is asked of it. */
function cloudThat(hasImages: boolean, currentImage: () => Promise<string | null>): Cloud {
  const cloud: Partial<Cloud> = { currentImage, ...(hasImages && { images: {} as CloudImages }) };
  return cloud as Cloud;
}

export async function once(preparer: Preparer): Promise<void> {
  await preparer.run(AbortSignal.timeout(60_000));
  await preparer.settled();
}

function answered<T>(answer: T | Error): T {
  if (answer instanceof Error) throw answer;
  return answer;
}

/** The stream that the build's image went, or goes, to. */
export async function streamOf(
  { store }: BuildsFixture,
  build: Build,
  cloud = 'one',
): Promise<ImageStream | undefined> {
  const [post] = build.definition.jobs[0]?.post.steps ?? [];
  const name = post?.step.kind === 'snapshot' ? post.step.snapshot.stream : '';
  return findStream(store.db, { name, cloud });
}

/** A job that is prepared so, beside what else it says. */
export function pipeline(prepare = 'steps: [{ run: install }]', more = ''): string {
  return `name: ceph
env: { LANG: C }
jobs: { a: { runs-on: linux, ${more} prepare: { ${prepare} }, steps: [{ run: test }] } }`;
}

export async function prepared(place: PreparationsFixture, prepare?: string): Promise<Build> {
  const build = await place.submit(pipeline(prepare));
  await place.prepare();
  await place.finishPreparation(await place.preparation(0));
  await place.prepare();
  return build;
}

export async function preparationOf(place: PreparationsFixture, build: Build): Promise<Preparation | null> {
  return (await place.job(build, 'a')).preparation;
}

export async function current(place: PreparationsFixture, preparation: Build): Promise<string | null> {
  return (await streamOf(place, preparation))?.current ?? null;
}

export function pullRequest(number: number): Trigger {
  return {
    event: 'pull-request',
    pullRequest: { number, title: 'A change', author: 'eve', branch: 'topic', base: 'main', fork: true },
  };
}
