import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import type { Logs } from '#controller/logs';
import { deletingBuilds, type Store } from '#controller/store';
import { messageOf } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import { expireArtifacts } from './expire.ts';
import { markBuilds } from './mark.ts';
import { planRetention } from './plan.ts';
import { removeBuild } from './remove-build.ts';
import type { RetentionSettings } from './settings.ts';

/** Removes builds that the rules let go, or somebody deleted, and artifacts whose time is up. */
export interface RetentionKeeper {
  /** One pass. Returns when the next one has something to do, as far as is known now, in milliseconds since the epoch. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Builds that were removed since the controller started. */
  removed(): number;
}

interface Deps {
  store: Store;
  journal: Journal;
  blobs: Blobs;
  logs: Pick<Logs, 'removeBuild'>;
  clock: Clock;
  logger: Logger;
  settings(): RetentionSettings;
}

/** What is freed by something that nobody tells of waits no longer. */
const LOOK_AGAIN_MS = 24 * 60 * 60_000;
/** Builds that are read, or fail, before the others have their turn. */
const BATCH = 50;

export function createRetentionKeeper(deps: Deps): RetentionKeeper {
  const { store, journal, blobs, logs, clock, logger, settings } = deps;
  /** When all builds are to be looked at again; what happens meanwhile brings it nearer. */
  let lookAt = clock.now();
  let lookedAt = -Infinity;
  let removed = 0;

  return {
    async run(signal) {
      await removeMarked(signal);
      const { artifacts: keepMs } = settings();
      const expiry = await expireArtifacts({ store, journal, blobs, now: clock.now(), keepMs, signal });
      if (clock.now() >= lookAt) {
        await look(signal);
        await removeMarked(signal);
      }
      return Math.min(lookAt, expiry ?? Infinity);
    },
    concerns(changes) {
      if (changes.some(mayFree)) lookSoon();
      return changes.some(isUrgent);
    },
    removed: () => removed,
  };

  /** Nothing is looked at again before something happens that may free a build, or one is too old. */
  async function look(signal: AbortSignal): Promise<void> {
    lookedAt = clock.now();
    lookAt = lookedAt + LOOK_AGAIN_MS;
    const { bytes, interval } = settings();
    try {
      const plan = await planRetention(store.db, settings(), lookedAt, { signal });
      const going = await markBuilds(journal, plan.going, signal);
      for (const { build, reason } of going)
        logger.info({ build: build.id, number: build.number, reason }, 'a build goes');
      if (plan.dueAt !== null) lookAt = Math.min(lookAt, Math.max(plan.dueAt, lookedAt + interval));
      if (bytes !== null && going.length === 0 && (plan.bytes ?? 0) > bytes)
        logger.warn(
          { bytes: plan.bytes, limit: bytes },
          `the storage has more than ${formatBytes(bytes)}, and nothing may go`,
        );
    } catch (error) {
      lookSoon();
      throw error;
    }
  }

  function lookSoon(): void {
    lookAt = Math.min(lookAt, lookedAt + settings().interval);
  }

  /** One that can't be removed now keeps no other from it; the first problem is thrown when all had their turn. */
  async function removeMarked(signal: AbortSignal): Promise<void> {
    const failed = new Set<string>();
    const problems: unknown[] = [];
    for (;;) {
      const all = await deletingBuilds(store.db, BATCH + failed.size);
      const builds = all.filter(({ id }) => !failed.has(id));
      if (builds.length === 0) break;
      for (const build of builds) {
        signal.throwIfAborted();
        try {
          await removeBuild({ store, blobs, removeLogs: logs.removeBuild, signal }, build);
          removed += 1;
          // It may have had results of another one.
          lookSoon();
          logger.info({ build: build.id, number: build.number }, 'a build was removed');
        } catch (error) {
          signal.throwIfAborted();
          logger.warn({ build: build.id, problem: messageOf(error) }, 'a build could not be removed yet');
          failed.add(build.id);
          problems.push(error);
        }
      }
      if (failed.size >= BATCH) break;
    }
    if (problems.length > 0) throw problems[0];
  }
}

/** A build ended, or what needed one did; or other rules hold. */
function mayFree({ kind, data: { state } }: Change): boolean {
  if (kind === 'build') return state === 'finished';
  if (kind === 'node' || kind === 'image') return state === 'deleted';
  if (kind === 'artifact') return state === 'complete' || state === 'failed';
  return kind === 'configuration' || (kind === 'hold' && state !== 'held');
}

function isUrgent({ kind, data: { state } }: Change): boolean {
  return (kind === 'build' && state === 'deleting') || kind === 'configuration';
}
