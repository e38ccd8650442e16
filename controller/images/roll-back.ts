import type { Clock } from '#controller/clock';
import type { Journal, Tx } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { limited } from '#controller/nodes';
import {
  brokenStreams,
  findVersion,
  lockStream,
  newestFailuresOf,
  type ImageStream,
  type Store,
} from '#controller/store';
import { adviceOf, FootmanError } from '#shared/errors';
import { markBad } from './bad.ts';
import { isCloudToBlame } from './blame.ts';
import { dropPointer, rollBack } from './pointer.ts';

/**
 * Takes back promotions that were wrong: a version of which so many nodes in a row did not come up, and none ever did since it was promoted,
 * gives way to the one before. The verification was right then and is not now, so nobody tries it again. A prepared image is made anew. Where
 * the cloud itself may be at fault, all stays as it is: an engine that is down fails any version.
 */
export interface RollBacks {
  /** Looks at each stream whose nodes do not come up, each on its own: its cloud may be slow to answer. */
  run(after: number): Promise<void>;
  /** Resolves when no call to a cloud is under way. */
  settled(): Promise<void>;
}

export interface RollBackDeps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  fleet: Pick<Fleet, 'connection'>;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}

/** Of a version that is looked at. */
interface Look {
  underWay: Promise<void> | null;
  /** Infinite for one that is left as it is. */
  dueAt: number;
  /** What was said of it is said once. */
  isTold: boolean;
}

/** What does not answer, or may be at fault, is asked again so soon. */
export const AGAIN_MS = 10_000;
const FIND_LIMIT_MS = 60_000;

export function createRollBacks({ store, journal, clock, logger, fleet, signal }: RollBackDeps): RollBacks {
  const looks = new Map<string, Look>();

  return {
    async run(after) {
      const broken = await brokenStreams(store.db, after);
      const ids = new Set(broken.map(({ current }) => current));
      for (const [id, { underWay }] of looks) if (underWay === null && !ids.has(id)) looks.delete(id);
      for (const stream of broken) if (stream.current !== null) begin(stream, stream.current, after);
    },
    async settled() {
      await Promise.all([...looks.values()].map(async ({ underWay }) => underWay));
    },
  };

  function begin(stream: ImageStream, current: string, after: number): void {
    const look = looks.get(current) ?? { underWay: null, dueAt: 0, isTold: false };
    looks.set(current, look);
    if (look.underWay !== null || look.dueAt > clock.now() || signal.aborted) return;
    look.underWay = follow(stream, look, after).finally(() => (look.underWay = null));
  }

  async function follow(stream: ImageStream, look: Look, after: number): Promise<void> {
    const { name, cloud, current } = stream;
    const details = { stream: name, cloud, version: current };
    look.dueAt = clock.now() + AGAIN_MS;
    try {
      const doubt = await doubtOf(stream, after);
      if (doubt !== null) return tell(look, { ...details, reason: doubt });
      const reason = await journal.commit((tx) => takeBack(tx, stream, after));
      if (reason !== null) logger.warn({ ...details, reason }, 'a version was rolled back by itself');
    } catch (error) {
      if (signal.aborted) return;
      const isHopeless = error instanceof FootmanError && error.code === 'conflict';
      if (isHopeless) look.dueAt = Infinity;
      tell(look, { ...details, err: error });
    } finally {
      look.dueAt = Math.max(look.dueAt, clock.now() + AGAIN_MS);
    }
  }

  function tell(look: Look, details: object): void {
    if (!look.isTold) logger.warn(details, 'the nodes of a version do not come up; it stays current');
    look.isTold = true;
  }

  /** Why it may not be the version's fault, or another one would do no better; null where nothing says so. */
  async function doubtOf(stream: ImageStream, after: number): Promise<string | null> {
    const { cloud, current, previous } = stream;
    const images = fleet.connection(cloud)?.images;
    if (images === undefined) return `cloud ${cloud} is not configured`;
    for (const id of [current, previous]) {
      const version = id === null ? undefined : await findVersion(store.db, id);
      if (version === undefined) continue;
      try {
        const found = await limited(clock, FIND_LIMIT_MS, signal, (bounded) =>
          images.find(version.name, bounded),
        );
        if (found === null && id === previous) return `the image of ${version.name} is not there`;
      } catch (error) {
        signal.throwIfAborted();
        return `cloud ${cloud} does not answer: ${adviceOf(error)}`;
      }
    }
    const failures = current === null ? [] : await newestFailuresOf(store.db, current, after);
    const isDoubtful = await isCloudToBlame(store.db, stream, failures);
    return isDoubtful ? `nodes of other images do not come up in cloud ${cloud} either` : null;
  }
}

/** Returns why; null when somebody has looked after the stream meanwhile, or a node has come up. */
async function takeBack(tx: Tx, broken: ImageStream, after: number): Promise<string | null> {
  const { kind, name, cloud, current, generation } = broken;
  const stream = await lockStream(tx.db, { name, cloud });
  if (current === null || stream?.generation !== generation) return null;
  const still = (await brokenStreams(tx.db, after)).some((one) => one.current === current);
  if (!still) return null;
  const [failed] = await newestFailuresOf(tx.db, current, 1);
  const why = failed?.reason ? `: ${failed.reason}` : '';
  const bad = `${after} ${after === 1 ? 'node' : 'nodes in a row'} did not come up${why}`;
  if (kind === 'named') await rollBack(tx, { name, cloud }, { bad });
  else {
    await dropPointer(tx, { name, cloud });
    await markBad(tx, current, bad);
  }
  return bad;
}
