import type { Journal, Tx } from '#controller/events';
import type { Logger } from '#controller/logger';
import {
  brokenStreams,
  lockStream,
  newestFailureOf,
  patchVersion,
  type ImageStream,
  type Store,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { dropPointer, rollBack } from './pointer.ts';

interface Deps {
  store: Store;
  journal: Journal;
  logger: Logger;
  /** Versions that are left as they are, which was said once. */
  hopeless: Set<string>;
}

/**
 * Takes back promotions that were wrong: a version of which so many nodes in a row did not come up, and none ever did since it was promoted,
 * gives way to the one before. The verification was right then and is not now, so nobody tries it again. A prepared image is made anew.
 */
export async function rollBackBroken(deps: Deps, after: number): Promise<void> {
  const { store, journal, logger, hopeless } = deps;
  for (const broken of await brokenStreams(store.db, after)) {
    const { name, cloud, current } = broken;
    if (current === null || hopeless.has(current)) continue;
    const details = { stream: name, cloud, version: current };
    try {
      const reason = await journal.commit((tx) => takeBack(tx, broken, after));
      if (reason !== null) logger.warn({ ...details, reason }, 'a version was rolled back by itself');
    } catch (error) {
      if (!(error instanceof FootmanError) || error.code !== 'conflict') throw error;
      hopeless.add(current);
      logger.warn({ ...details, err: error }, 'the nodes of a version do not come up; it stays current');
    }
  }
}

/** Returns why; null when somebody has looked after the stream meanwhile. */
async function takeBack(tx: Tx, broken: ImageStream, after: number): Promise<string | null> {
  const { kind, name, cloud, current, generation } = broken;
  const stream = await lockStream(tx.db, { name, cloud });
  if (current === null || stream?.generation !== generation) return null;
  const failed = await newestFailureOf(tx.db, current);
  const why = failed?.reason ? `: ${failed.reason}` : '';
  const bad = `${after} ${after === 1 ? 'node' : 'nodes in a row'} did not come up${why}`;
  if (kind === 'named') await rollBack(tx, { name, cloud }, { bad });
  else {
    await dropPointer(tx, { name, cloud });
    await patchVersion(tx.db, current, ['ready', 'retired'], { bad: 1, reason: bad });
  }
  return bad;
}
