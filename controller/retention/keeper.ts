import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import type { Logs } from '#controller/logs';
import { deletingBuilds, type GoingBuild, type Store } from '#controller/store';
import { messageOf } from '#shared/errors';
import { formatBytes } from '#shared/quantity';
import { expireDue, removeExpired } from './expire.ts';
import { inTurn } from './in-turn.ts';
import { markBuilds } from './mark.ts';
import { planRetention } from './plan.ts';
import { limitsBuilds } from './policy.ts';
import { removeBuild } from './remove-build.ts';
import type { RetentionSettings } from '#controller/config';

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

export function createRetentionKeeper(deps: Deps): RetentionKeeper {
  const { store, journal, blobs, logs, clock, logger, settings } = deps;
  /** When all builds are to be looked at again; what happens meanwhile brings it nearer. */
  let lookAt = clock.now();
  let lookedAt = -Infinity;
  let removed = 0;

  return {
    async run(signal) {
      const { artifacts: keepMs } = settings();
      const expiry = await expireDue({ store, journal, now: clock.now(), keepMs, signal });
      if (clock.now() >= lookAt) await look(signal);
      // Only now the storage has a say: one that is away keeps nothing in sight whose time is up.
      const problems = await removeMarked(signal);
      problems.push(...(await removeExpired({ store, journal, blobs, logger, signal })));
      if (problems.length > 0) throw problems[0];
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
    if (!limitsBuilds(settings())) return;
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

  /** What was thrown for those that can't be removed now. */
  function removeMarked(signal: AbortSignal): Promise<unknown[]> {
    return inTurn((limit) => deletingBuilds(store.db, limit), remove, signal);

    async function remove(build: GoingBuild): Promise<void> {
      const { id, number } = build;
      try {
        await removeBuild({ store, blobs, removeLogs: logs.removeBuild, signal }, build);
      } catch (error) {
        if (!signal.aborted)
          logger.warn({ build: id, number, problem: messageOf(error) }, 'a build could not be removed yet');
        throw error;
      }
      removed += 1;
      // It may have had results of another one.
      lookSoon();
      logger.info({ build: id, number }, 'a build was removed');
    }
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
