import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { CloudImages } from '#controller/clouds';
import type { Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { limited } from '#controller/nodes';
import { patchVersion, type ImageVersion } from '#controller/store';
import { adviceOf } from '#shared/errors';
import { removeExports } from './export-image.ts';
import { moveVersion, recordVersion } from './life-cycle.ts';

/** Asks clouds to remove the images of versions in `deleting`, each on its own. */
export interface ImageRemoval {
  /** Starts what is due. Returns when the next is; null where there is none, or only what has no cloud now. */
  start(doomed: readonly ImageVersion[], signal: AbortSignal): number | null;
  /** Resolves when no call is under way. */
  settled(): Promise<void>;
}

export interface ImageRemovalDeps {
  journal: Journal;
  clock: Clock;
  logger: Logger;
  blobs: Blobs;
  fleet: Pick<Fleet, 'connection'>;
  /** Below 1, at random. */
  random?: () => number;
}

/** A disk of many gigabytes, on an engine that has other things to do. */
export const REMOVAL_LIMIT_MS = 5 * 60_000;
/** Of one cloud. */
const AT_ONCE = 2;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 10 * 60_000;

export function createImageRemoval(deps: ImageRemovalDeps): ImageRemoval {
  const { journal, clock, logger, blobs, fleet, random = Math.random } = deps;
  const underWay = new Map<string, { cloud: string; done: Promise<void> }>();

  return {
    start(doomed, signal) {
      let next: number | null = null;
      for (const version of doomed) {
        const images = fleet.connection(version.cloud)?.images;
        // The images of a cloud that is not configured any more wait for it to come back.
        if (underWay.has(version.id) || images === undefined || signal.aborted) continue;
        const due = version.due_at ?? version.state_since;
        if (due > clock.now()) next = Math.min(next ?? due, due);
        // The end of one is a reason to look again.
        else if (callsOf(version.cloud) < AT_ONCE) follow(version, images, signal);
      }
      return next;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };

  function callsOf(name: string): number {
    return [...underWay.values()].filter(({ cloud }) => cloud === name).length;
  }

  function follow(version: ImageVersion, images: CloudImages, signal: AbortSignal): void {
    const done = remove(version, images, signal)
      .catch((error: unknown) =>
        logger.error(
          { err: error, version: version.name },
          'the removal of an image could not be recorded; it is tried again',
        ),
      )
      .finally(() => underWay.delete(version.id));
    underWay.set(version.id, { cloud: version.cloud, done });
  }

  async function remove(version: ImageVersion, images: CloudImages, signal: AbortSignal): Promise<void> {
    try {
      await removeExports(blobs, version.id, signal);
      await limited(clock, REMOVAL_LIMIT_MS, signal, (bounded) => images.remove(version.name, bounded));
    } catch (error) {
      if (!signal.aborted) await postpone(version, adviceOf(error));
      return;
    }
    await journal.commit((tx) =>
      moveVersion(tx, version.id, ['deleting'], 'deleted', { deleted_at: tx.at, due_at: null }),
    );
  }

  /** Most often a node stands on it still. The random part keeps what failed together from coming back together. */
  async function postpone({ id, name, cloud, failures: before }: ImageVersion, why: string): Promise<void> {
    const failures = before + 1;
    const longest = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
    const retryMs = Math.round((longest * (1 + random())) / 2);
    logger.warn(
      { version: name, cloud, reason: why, failures, retryMs },
      'an image was not removed; it is tried again',
    );
    await journal.commit(async (tx) => {
      const version = await patchVersion(tx.db, id, ['deleting'], { failures, due_at: tx.at + retryMs });
      if (version !== undefined) await recordVersion(tx, { ...version, reason: `not removed yet: ${why}` });
    });
  }
}
