import type { Clock } from '#controller/clock';
import { templateKey, type Fleet, type OpenCloud, type Template } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { limited } from '#controller/nodes';

/** Knows which image a new node of each template would get. Run by a loop of its own: a provider that is slow keeps nobody waiting. */
export interface ImageKeeper {
  /** Asks the clouds of all pools, where it was not asked within a minute. Returns when to ask again; null where there is no pool. */
  run(signal: AbortSignal): Promise<number | null>;
  /** As last told; null where that is not known. */
  imageOf(template: Template): string | null;
}

interface Deps {
  fleet: Fleet;
  clock: Clock;
  logger: Logger;
}

const EVERY_MS = 60_000;
const TIMEOUT_MS = 30_000;

/** An answer that fails changes nothing. */
export function createImageKeeper({ fleet, clock, logger }: Deps): ImageKeeper {
  let images = new Map<string, Known>();
  let dueAt = 0;

  return {
    async run(signal) {
      if (clock.now() < dueAt) return dueAt;
      const asked = fleet
        .clouds()
        .flatMap((cloud) => cloud.templates.filter(isAsked).map((template) => ask(cloud, template, signal)));
      const answers = (await Promise.all(asked)).filter((answer) => answer !== null);
      images = new Map(answers);
      dueAt = clock.now() + EVERY_MS;
      return asked.length === 0 ? null : dueAt;
    },
    imageOf(template) {
      const known = images.get(templateKey(template));
      // What was said of other settings says nothing of these.
      return known?.digest === template.digest ? known.image : null;
    },
  };

  async function ask(
    { cloud }: OpenCloud,
    template: Template,
    signal: AbortSignal,
  ): Promise<[string, Known] | null> {
    const key = templateKey(template);
    try {
      const image = await limited(clock, TIMEOUT_MS, signal, async (bounded) =>
        cloud.currentImage?.(template.settings, bounded),
      );
      // It has no images that change.
      if (image === undefined) return null;
      return [key, { digest: template.digest, image }];
    } catch (error) {
      if (!signal.aborted)
        logger.warn(
          { err: error, cloud: template.cloud, template: template.name },
          'a cloud did not say which image is current; its idle nodes stay, it is asked again in a minute',
        );
      const known = images.get(key);
      return known === undefined ? null : [key, known];
    }
  }
}

interface Known {
  digest: string;
  image: string | null;
}

/** What a stream's current version is, the store knows. */
function isAsked({ pool, stream }: Template): boolean {
  if (stream !== null) return false;
  return pool.minReady > 0 || pool.learning !== null || pool.schedule.some(({ minReady }) => minReady > 0);
}
