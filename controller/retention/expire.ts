import { moveArtifact } from '#controller/artifacts';
import type { Blobs } from '#controller/blobs';
import type { Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import {
  artifactsToExpire,
  deleteFiles,
  expiringArtifacts,
  nextExpiry,
  oldestUndated,
  type DueArtifact,
  type Store,
} from '#controller/store';
import { messageOf } from '#shared/errors';
import { inTurn } from './in-turn.ts';
import { removeArtifactObjects } from './remove-objects.ts';

interface Due {
  store: Store;
  journal: Journal;
  now: number;
  /** How long artifacts stay that do not say it; null for as long as their builds. */
  keepMs: number | null;
  signal: AbortSignal;
}

const BATCH = 100;

/** Takes artifacts out of sight whose time is up. Returns when the next one is due, in milliseconds since the epoch. */
export async function expireDue({ store, journal, now, keepMs, signal }: Due): Promise<number | null> {
  const before = keepMs === null ? null : now - keepMs;
  for (;;) {
    signal.throwIfAborted();
    const due = await artifactsToExpire(store.db, { now, before, limit: BATCH });
    for (const { id, job_id: jobId, build_id: buildId } of due)
      await journal.commit((tx) =>
        moveArtifact(tx, { id: jobId, build_id: buildId }, id, ['complete'], 'expiring', {
          reason: 'its time was up',
        }),
      );
    if (due.length < BATCH) break;
  }
  const own = await nextExpiry(store.db, now);
  const oldest = before === null ? null : await oldestUndated(store.db, before);
  const others = oldest === null || keepMs === null ? null : oldest + keepMs;
  return own === null || others === null ? (own ?? others) : Math.min(own, others);
}

interface Task {
  store: Store;
  journal: Journal;
  blobs: Blobs;
  logger: Logger;
  signal: AbortSignal;
}

/**
 * Removes what is out of sight: the objects, then the rows of the files; what remains says that they were there. Resolves with what was thrown
 * for those that can't be removed now.
 */
export async function removeExpired(task: Task): Promise<unknown[]> {
  const { store, logger, signal } = task;
  const read = (limit: number): Promise<DueArtifact[]> => expiringArtifacts(store.db, limit);
  return inTurn(
    read,
    async (artifact) => {
      try {
        await remove(task, artifact);
      } catch (error) {
        if (!signal.aborted)
          logger.warn(
            { artifact: artifact.id, problem: messageOf(error) },
            'an artifact whose time was up could not be removed yet',
          );
        throw error;
      }
    },
    signal,
  );
}

async function remove({ store, journal, blobs, signal }: Task, artifact: DueArtifact): Promise<void> {
  await removeArtifactObjects({ db: store.db, blobs, signal }, artifact.id);
  await journal.commit(async (tx) => {
    const job = { id: artifact.job_id, build_id: artifact.build_id };
    const set = { stored_bytes: 0, archive: null, archive_sha256: null };
    const gone = await moveArtifact(tx, job, artifact.id, ['expiring'], 'expired', set);
    if (gone !== undefined) await deleteFiles(tx.db, artifact.id);
  });
}
