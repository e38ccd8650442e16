import type { Change } from '#controller/events';
import { liveVersions, type ImageVersion, type Store } from '#controller/store';
import { createImageSweep, type ImageSweepDeps } from './image-sweep.ts';
import { clearEmpty } from './empty-streams.ts';
import { createImageRemoval, type ImageRemovalDeps } from './remove-image.ts';
import { planRemovals, type RetentionSettings } from './retention.ts';
import { condemnRetired, retireOutlived } from './retire.ts';

/** Takes away the versions of images that nobody needs, and looks for what leaked, and what vanished. */
export interface VersionRemover {
  /** One pass. Returns when the next removal or sweep is due. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when no call to a cloud is under way. */
  settled(): Promise<void>;
}

interface Deps extends ImageRemovalDeps, ImageSweepDeps {
  store: Store;
  fleet: ImageRemovalDeps['fleet'] & ImageSweepDeps['fleet'];
  /** Those that hold now. */
  settings(): RetentionSettings;
}

/**
 * What retention says is decided anew behind each stream's lock, and stands in the rows before a cloud is asked: so that any number of
 * controllers may do this at a time, and a restarted one goes on.
 */
export function createVersionRemover(deps: Deps): VersionRemover {
  const { store, journal, clock, logger, settings } = deps;
  const removal = createImageRemoval(deps);
  const sweep = createImageSweep(deps);
  /** Most controllers have no images, and need not look at every node and job that ends. */
  let anyImages = false;

  return {
    async run(signal) {
      await retireAll();
      await clearEmpty({ store, journal });
      const versions = await liveVersions(store.db);
      anyImages = versions.length > 0;
      const next = removal.start(versions.filter(isDeleting), signal);
      return earliest(next, sweep.run(signal));
    },
    concerns: (changes) =>
      changes.some(
        ({ kind, data }) =>
          kind === 'image' ||
          kind === 'configuration' ||
          (anyImages && kind === 'node' && data.state === 'deleted') ||
          (anyImages && kind === 'job' && data.state === 'finished'),
      ),
    async settled() {
      await Promise.all([removal.settled(), sweep.settled()]);
    },
  };

  async function retireAll(): Promise<void> {
    const removals = await planRemovals(store.db, clock.now(), settings());
    const streams = Map.groupBy(removals, ({ version }) => JSON.stringify([version.stream, version.cloud]));
    for (const [first] of streams.values()) {
      if (first === undefined) continue;
      const { stream: name, cloud } = first.version;
      for (const { version, reason } of await retireOutlived(journal, { name, cloud }, settings()))
        logger.info({ version: version.name, cloud, reason }, 'a version of an image goes');
    }
    for (const version of await liveVersions(store.db))
      if (version.state === 'retired') await condemnRetired(journal, version);
  }
}

function isDeleting({ state }: ImageVersion): boolean {
  return state === 'deleting';
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
