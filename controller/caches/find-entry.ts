import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import {
  cachesWithKey,
  deleteCache,
  newestCache,
  touchCache,
  type CacheEntry,
  type CachePlace,
  type Store,
} from '#controller/store';
import type { Cache } from '#shared/pipeline';

interface Deps {
  store: Store;
  blobs: Blobs;
  clock: Clock;
}

const HEAD_TIMEOUT_MS = 30_000;

/**
 * The entry that a cache step restores, marked as used: so it is the last to be removed. One whose file is gone is forgotten and the
 * next is looked for.
 */
export async function findEntry(
  deps: Deps,
  place: CachePlace,
  cache: Cache,
): Promise<CacheEntry | undefined> {
  const { store, blobs, clock } = deps;
  for (;;) {
    const entry = await lookUp(deps, place, cache);
    if (entry === undefined) return undefined;
    if (!(await touchCache(store.db, entry.id, clock.now()))) continue;
    const stored = await blobs.head(entry.blob, AbortSignal.timeout(HEAD_TIMEOUT_MS));
    if (stored?.bytes === entry.bytes) return entry;
    await deleteCache(store.db, entry.id);
  }
}

async function lookUp(
  { store }: Deps,
  place: CachePlace,
  { key, restoreKeys }: Cache,
): Promise<CacheEntry | undefined> {
  const exact = await cachesWithKey(store.db, place, key);
  const nearest = place.scopes.map((scope) => exact.find((entry) => entry.scope === scope)).find(Boolean);
  if (nearest !== undefined) return nearest;
  for (const prefix of restoreKeys) {
    const newest = await newestCache(store.db, place, prefix);
    if (newest !== undefined) return newest;
  }
  return undefined;
}
