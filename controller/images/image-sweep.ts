import type { Clock } from '#controller/clock';
import type { CloudImages, ListedImage } from '#controller/clouds';
import type { Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { createLeakBook, IMAGE_LEAK, limited } from '#controller/nodes';
import { liveVersions, type ImageVersion, type Store } from '#controller/store';
import { adviceOf } from '#shared/errors';
import { REMOVAL_LIMIT_MS } from './remove-image.ts';
import { noteVanished } from './vanished.ts';

/**
 * The two-sided sweep over images: those without a living version are removed, versions whose image has vanished are never made current
 * again. Only two *successful* looks in a row say so, and the young are left alone; a listing that fails says nothing.
 */
export interface ImageSweep {
  /** Starts to sweep each cloud whose time has come, each on its own. Returns when the next is due; null where no cloud has images. */
  run(signal: AbortSignal): number | null;
  /** Resolves when no sweep is under way. */
  settled(): Promise<void>;
}

export interface ImageSweepDeps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  fleet: Pick<Fleet, 'connections'>;
}

interface Memory {
  /** Those of another cloud of the same name are others. */
  images: CloudImages;
  suspects: ReadonlySet<string>;
  dueAt: number;
  underWay: boolean;
}

/** What two sides of the sweep found. */
interface View {
  leaked: ListedImage[];
  vanished: ImageVersion[];
  present: ReadonlySet<string>;
}

const EVERY_MS = 60 * 60_000;
/** What looks wrong is looked at again so soon, and a cloud that gave no answer. */
const AGAIN_MS = 60_000;
const GRACE_MS = 10 * 60_000;
const LOOK_LIMIT_MS = 60_000;

export function createImageSweep({ store, journal, clock, logger, fleet }: ImageSweepDeps): ImageSweep {
  const memories = new Map<string, Memory>();
  const underWay = new Set<Promise<void>>();
  const book = createLeakBook({ store, journal });

  return {
    run(signal) {
      let next: number | null = null;
      for (const { name, cloud } of fleet.connections()) {
        if (cloud.images === undefined) continue;
        const memory = memoryOf(name, cloud.images);
        if (!memory.underWay && memory.dueAt <= clock.now()) {
          memory.dueAt = clock.now() + AGAIN_MS;
          follow(name, memory, signal);
        }
        // One that takes long is looked after later, not all the time.
        const due = memory.underWay ? clock.now() + AGAIN_MS : memory.dueAt;
        next = Math.min(next ?? due, due);
      }
      return next;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };

  function memoryOf(name: string, images: CloudImages): Memory {
    const known = memories.get(name);
    if (known?.images === images) return known;
    const fresh = { images, suspects: new Set<string>(), dueAt: 0, underWay: false };
    memories.set(name, fresh);
    return fresh;
  }

  function follow(name: string, memory: Memory, signal: AbortSignal): void {
    memory.underWay = true;
    const done = sweep(name, memory, signal)
      .catch((error: unknown) => {
        if (!signal.aborted)
          logger.warn(
            { cloud: name, reason: adviceOf(error) },
            'the images of a cloud could not be looked through; nothing follows from that',
          );
      })
      .finally(() => {
        memory.underWay = false;
        underWay.delete(done);
      });
    underWay.add(done);
  }

  async function sweep(name: string, memory: Memory, signal: AbortSignal): Promise<void> {
    const { suspects, images } = memory;
    const view = await look(name, images, signal);
    const found = [...view.leaked.map(leakOf), ...view.vanished.map(lossOf)];
    memory.suspects = new Set(found);
    memory.dueAt = clock.now() + (found.every((each) => suspects.has(each)) ? EVERY_MS : AGAIN_MS);
    await book.gone(name, (leak) => leak.kind === IMAGE_LEAK && !view.present.has(leak.resource));
    for (const version of view.vanished) if (suspects.has(lossOf(version))) await lose(version);
    for (const image of view.leaked)
      if (suspects.has(leakOf(image))) await removeLeak(name, images, image, signal);
  }

  async function look(cloud: string, images: CloudImages, signal: AbortSignal): Promise<View> {
    const listed = await limited(clock, LOOK_LIMIT_MS, signal, (bounded) =>
      Array.fromAsync(images.list(bounded)),
    );
    const present = new Set(listed.map(({ name }) => name));
    // Read after the listing: the row of a version is there before its image.
    const living = await liveVersions(store.db);
    const versions = living.filter((version) => version.cloud === cloud);
    // Those of all clouds: two of them may be one engine, which lists the images of both.
    const known = new Set(living.map(({ name }) => name));
    const vanished: ImageVersion[] = [];
    for (const version of versions) {
      if (version.state !== 'ready' || version.bad !== 0 || present.has(version.name)) continue;
      const found = await limited(clock, LOOK_LIMIT_MS, signal, (bounded) =>
        images.find(version.name, bounded),
      );
      if (found === null) vanished.push(version);
    }
    const old = clock.now() - GRACE_MS;
    return {
      leaked: listed.filter(({ name, createdAt }) => !known.has(name) && createdAt <= old),
      vanished,
      present,
    };
  }

  async function lose(version: ImageVersion): Promise<void> {
    const loss = await journal.commit((tx) => noteVanished(tx, version));
    if (loss === undefined) return;
    const { name, stream, cloud } = version;
    if (loss === 'left')
      logger.error(
        { version: name, stream, cloud },
        'the image of a current version has vanished, and there is no earlier one: make another, or promote one',
      );
    else logger.warn({ version: name, stream, cloud, loss }, 'the image of a version has vanished');
  }

  async function removeLeak(
    cloud: string,
    images: CloudImages,
    { name }: ListedImage,
    signal: AbortSignal,
  ): Promise<void> {
    const leak = { id: name, nodeId: '', kind: IMAGE_LEAK };
    if (await book.note(cloud, leak, 'no living version, seen in two listings'))
      logger.warn({ cloud, image: name }, 'an image has no living version; it is removed');
    try {
      await limited(clock, REMOVAL_LIMIT_MS, signal, (bounded) => images.remove(name, bounded));
    } catch (error) {
      if (signal.aborted) return;
      logger.warn(
        { cloud, image: name, reason: adviceOf(error) },
        'an image that leaked was not removed; the next sweep tries again',
      );
      return;
    }
    await book.gone(cloud, ({ kind, resource }) => kind === IMAGE_LEAK && resource === name);
  }
}

function leakOf({ name }: ListedImage): string {
  return `leaked ${name}`;
}

function lossOf({ id }: ImageVersion): string {
  return `vanished ${id}`;
}
