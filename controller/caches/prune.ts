import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import {
  deleteCache,
  leastUsedCaches,
  retireCache,
  totalCacheBytes,
  type CacheEntry,
  type Store,
} from '#controller/store';

interface Task {
  store: Store;
  blobs: Blobs;
  clock: Clock;
  limitBytes: number;
  signal: AbortSignal;
}

/** An entry that nobody used for so long goes, however much room there is. */
export const UNUSED_MS = 7 * 24 * 60 * 60_000;
/** An entry that was just used stays, however little room there is: an agent downloads it. */
export const SPARED_MS = 10 * 60_000;
const BATCH = 100;

/**
 * Removes what nobody used for long, then the least recently used until the rest fits. The row is retired first, so that nobody finds the
 * entry any more, and goes last: whoever dies in between leaves a row that the next run sees, and never a file without one.
 *
 * Returns how many entries it removed.
 */
export async function prune(task: Task): Promise<number> {
  const { store, clock, limitBytes, signal } = task;
  let excess = (await totalCacheBytes(store.db)) - limitBytes;
  let removed = 0;
  for (;;) {
    const batch = await leastUsedCaches(store.db, BATCH);
    let gone = 0;
    for (const entry of batch) {
      signal.throwIfAborted();
      const age = clock.now() - entry.used_at;
      if (age < UNUSED_MS && (excess <= 0 || age < SPARED_MS)) return removed + gone;
      if (!(await removeEntry(task, entry))) continue;
      excess -= entry.bytes;
      gone += 1;
    }
    removed += gone;
    if (gone === 0 || batch.length < BATCH) return removed;
  }
}

async function removeEntry({ store, blobs, signal }: Task, entry: CacheEntry): Promise<boolean> {
  if (!(await retireCache(store.db, entry))) return false;
  await blobs.remove(entry.blob, signal);
  await deleteCache(store.db, entry.id);
  return true;
}
