import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { openFsBlobs, type Blobs } from '#controller/blobs';
import { sentByHand, submitBuild } from '#controller/builds';
import type { CapturedImage, CloudImages } from '#controller/clouds';
import { createFleet, type Fleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import {
  findVersion,
  insertStream,
  insertVersion,
  jobsOfBuild,
  lockStream,
  patchJob,
  patchStream,
  type ImageStream,
  type ImageVersion,
  type Job,
  type StreamPatch,
  type WantedImages,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { parsePipeline } from '#shared/pipeline';
import { cloudOf, openCloudOf, openPlace, type Place } from '../nodes/test-support.ts';
import { freshStream, freshVersion } from './begin-capture.ts';
import { promote } from './pointer.ts';
import { createVersionRemover, type VersionRemover } from './remover.ts';
import type { RetentionSettings } from './retention.ts';

/** For tests: a store with versions of images, the cloud `local` that keeps those in memory, and time in the test's hand. */
export interface Shelf extends Place, AsyncDisposable {
  blobs: Blobs;
  fleet: Fleet;
  /** What the cloud has, by name, and when it was made. */
  images: Map<string, { content: Buffer; createdAt: number }>;
  /** What the cloud was asked to remove, in order. */
  removals: string[];
  cloud: CloudImages;
  settings: RetentionSettings;
  remover: VersionRemover;
  /** Another controller on the same store and the same cloud. */
  another(): VersionRemover;
  /** One pass of the remover, or of another one, and all that it starts. */
  pass(remover?: VersionRemover): Promise<number | null>;
  /** The next version of the stream `base`, ready and with an image, where nothing else is said. */
  put(given?: Partial<ImageVersion>): Promise<ImageVersion>;
  promote(version: ImageVersion): Promise<ImageStream>;
  patch(stream: string, patch: StreamPatch): Promise<void>;
  stream(name: string): Promise<ImageStream | undefined>;
  version(version: ImageVersion): Promise<ImageVersion>;
  /** The state of each. */
  states(...versions: ImageVersion[]): Promise<string[]>;
  /** A job that has not ended. */
  job(images: WantedImages | null): Promise<Job>;
}

const CLOUD = 'local';
const BYTES = 100;

export async function openShelf(): Promise<Shelf> {
  const place = await openPlace();
  const { store, journal, clock } = place;
  const folder = await mkdtemp(join(tmpdir(), 'footman-shelf-'));
  const blobs = await openFsBlobs({ folder, secret: 'a secret of these tests, and of nobody else' });
  const images = new Map<string, { content: Buffer; createdAt: number }>();
  const removals: string[] = [];
  const cloud: CloudImages = {
    capture: (_node, name) => Promise.resolve(imageOf(name)),
    find: (name) => Promise.resolve(images.has(name) ? imageOf(name) : null),
    async remove(name) {
      removals.push(name);
      images.delete(name);
    },
    async *list() {
      for (const [name, { createdAt }] of images) yield { name, createdAt };
    },
    async export(name) {
      const image = images.get(name);
      if (image === undefined) throw new FootmanError('cloud-refused', `there is no image ${name}`);
      return { content: Readable.from([image.content]), suffix: '.tar' };
    },
    async import(name, content) {
      images.set(name, { content: await buffer(content), createdAt: clock.now() });
      return imageOf(name);
    },
  };
  const fleet = createFleet([openCloudOf(cloudOf({ images: cloud }))]);
  const settings: RetentionSettings = { preparedBytes: null, heldMs: 14 * 24 * 3_600_000 };
  const remover = another();

  return {
    ...place,
    blobs,
    fleet,
    images,
    removals,
    cloud,
    settings,
    remover,
    another,
    async pass(one = remover) {
      const due = await one.run(new AbortController().signal);
      await one.settled();
      return due;
    },
    put,
    promote: ({ id }) => journal.commit((tx) => promote(tx, id)),
    patch: (name, patch) => patchStream(store.db, { name, cloud: CLOUD }, patch),
    stream: (name) => lockStream(store.db, { name, cloud: CLOUD }),
    version,
    states: (...versions) => Promise.all(versions.map(async (each) => (await version(each)).state)),
    job,
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  function another(): VersionRemover {
    const logger = createLogger('silent');
    return createVersionRemover({
      ...place,
      logger,
      blobs,
      fleet,
      settings: () => settings,
      random: () => 1,
    });
  }

  async function put(given: Partial<ImageVersion> = {}): Promise<ImageVersion> {
    const id = { name: given.stream ?? 'base', cloud: given.cloud ?? CLOUD };
    const made = await journal.commit(async (tx) => {
      await insertStream(tx.db, { ...freshStream(tx, id), keep: 2 });
      const number = ((await lockStream(tx.db, id))?.last_number ?? 0) + 1;
      await patchStream(tx.db, id, { last_number: number });
      const fresh: ImageVersion = { ...freshVersion(tx, id, number), template: 'host', verify: [] };
      const row: ImageVersion = { ...fresh, state: 'ready', bytes: BYTES, ...given };
      await insertVersion(tx.db, row);
      return row;
    });
    if (made.bytes !== null)
      images.set(made.name, { content: Buffer.from(made.name), createdAt: clock.now() });
    return made;
  }

  async function version({ id }: ImageVersion): Promise<ImageVersion> {
    const found = await findVersion(store.db, id);
    if (found === undefined) throw new Error(`there is no version ${id}`);
    return found;
  }

  async function job(wanted: WantedImages | null): Promise<Job> {
    const source = 'jobs: { test: { runs-on: linux, steps: [{ run: "true" }] } }';
    const parsed = parsePipeline(source, 'test.yaml');
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
    const build = await submitBuild(journal, submission, { queueTimeoutMs: 60_000 });
    const [made] = await jobsOfBuild(store.db, build.id);
    if (made === undefined) throw new Error('the build has no job');
    await patchJob(store.db, made.id, ['queued'], { images: wanted });
    return made;
  }
}

function imageOf(name: string): CapturedImage {
  return { image: `images/${name}`, bytes: BYTES, digest: `sha256:${'0'.repeat(64)}` };
}
