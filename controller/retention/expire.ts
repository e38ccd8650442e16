import { moveArtifact } from '#controller/artifacts';
import type { Blobs } from '#controller/blobs';
import type { Journal } from '#controller/events';
import {
  artifactsToExpire,
  deleteFiles,
  expiringArtifacts,
  nextExpiry,
  oldestUndated,
  type DueArtifact,
  type Store,
} from '#controller/store';
import { removeArtifactObjects } from './remove-objects.ts';

interface Task {
  store: Store;
  journal: Journal;
  blobs: Blobs;
  now: number;
  /** How long artifacts stay that do not say it; null for as long as their builds. */
  keepMs: number | null;
  signal: AbortSignal;
}

const BATCH = 100;

/**
 * Removes artifacts whose time is up: first nobody sees them any more, then their objects go, then the rows of their files; what remains says
 * that they were there. Returns when the next one is due, in milliseconds since the epoch.
 */
export async function expireArtifacts(task: Task): Promise<number | null> {
  const { store, journal, now, keepMs } = task;
  for (;;) {
    const expiring = await expiringArtifacts(store.db, BATCH);
    for (const artifact of expiring) await finish(task, artifact);
    const before = keepMs === null ? null : now - keepMs;
    const due = await artifactsToExpire(store.db, { now, before, limit: BATCH });
    for (const { id, job_id: jobId, build_id: buildId } of due)
      await journal.commit((tx) =>
        moveArtifact(tx, { id: jobId, build_id: buildId }, id, ['complete'], 'expiring', {
          reason: 'its time was up',
        }),
      );
    if (due.length === 0 && expiring.length < BATCH) break;
  }
  const own = await nextExpiry(store.db, now);
  const oldest = keepMs === null ? null : await oldestUndated(store.db, now - keepMs);
  const others = oldest === null || keepMs === null ? null : oldest + keepMs;
  return own === null || others === null ? (own ?? others) : Math.min(own, others);
}

async function finish({ store, journal, blobs, signal }: Task, artifact: DueArtifact): Promise<void> {
  signal.throwIfAborted();
  await removeArtifactObjects({ db: store.db, blobs, signal }, artifact.id);
  await journal.commit(async (tx) => {
    const job = { id: artifact.job_id, build_id: artifact.build_id };
    const set = { stored_bytes: 0, archive: null, archive_sha256: null };
    const gone = await moveArtifact(tx, job, artifact.id, ['expiring'], 'expired', set);
    if (gone !== undefined) await deleteFiles(tx.db, artifact.id);
  });
}
