import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import { findCache, insertCache, newId, type CacheEntry, type Store } from '#controller/store';

/** What a save step stored. */
export type CacheFile = Pick<CacheEntry, 'blob' | 'bytes' | 'sha256'>;

interface Task {
  store: Store;
  blobs: Blobs;
  clock: Clock;
  scope: string;
  version: string;
  key: string;
  file: CacheFile;
}

const REMOVE_TIMEOUT_MS = 30_000;

/** True when the file is an entry now, or was already; else somebody had the key first, and the file is removed. */
export async function commitEntry(task: Task): Promise<boolean> {
  const { store, blobs, clock, scope, version, key, file } = task;
  const { blob, bytes, sha256 } = file;
  const now = clock.now();
  const entry = { id: newId(), scope, version, key, blob, bytes, sha256, created_at: now, used_at: now };
  if (await insertCache(store.db, entry)) return true;
  // Said again after a restart: then the entry is this very file.
  if ((await findCache(store.db, scope, version, key))?.blob === blob) return true;
  await blobs.remove(blob, AbortSignal.timeout(REMOVE_TIMEOUT_MS));
  return false;
}
