import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { Logger } from '#controller/logger';
import { cachesWithKey, type Build, type CacheEntry, type Job, type Store } from '#controller/store';
import type { Cache } from '#shared/pipeline';
import type { StepInput } from '#shared/protocol';
import { commitEntry, type CacheFile } from './commit-entry.ts';
import { findEntry } from './find-entry.ts';
import { problemOf } from './problem.ts';
import { prune } from './prune.ts';
import { scopesOf } from './scope.ts';
import { CACHE_INPUT, failingScript, restoreScript, saveScript, type CacheScript } from './scripts.ts';
import { versionOf } from './version.ts';

export interface CacheRestore extends CacheScript {
  /** What the script unpacks; none after a miss. */
  inputs: StepInput[];
  /** Key of the entry that is restored. */
  hit: string | null;
}

/** All methods may run at the same time, for the same key too. `cache` is evaluated: its texts are what is meant. */
export interface Caches {
  /**
   * How the step restores the newest entry that fits: the one with the very key, else by the beginnings of keys, in their order. Safe to
   * ask again, and then it may find a newer one.
   */
  restore(build: Build, job: Job, cache: Cache): Promise<CacheRestore>;
  /** How a step packs the paths into `$FOOTMAN_UPLOADS/cache.tar.gz`; null when the key is taken already. If nothing is there, it writes none. */
  save(build: Build, job: Job, cache: Cache): Promise<CacheScript | null>;
  /**
   * Makes what a save step stored an entry. Of several with one key, the first stays, and the file of the others is removed. Saying it
   * again changes nothing.
   */
  commit(build: Build, job: Job, cache: Cache, file: CacheFile): Promise<void>;
  /** One run of the loop that removes entries which nobody used for long, and the least recently used ones beyond the limit. */
  run(signal: AbortSignal): Promise<number | null>;
}

interface Deps {
  store: Store;
  blobs: Blobs;
  clock: Clock;
  logger?: Logger;
  /** Most bytes of all entries together, as it is now. */
  limitBytes?(): number;
}

const DEFAULT_LIMIT_BYTES = 10 * 1024 ** 3;
/** How long a step has to fetch its entry. */
const LINK_MS = 60 * 60_000;
/** Between two looks for what is to go. */
const PRUNE_EVERY_MS = 10 * 60_000;

export function createCaches({
  store,
  blobs,
  clock,
  logger,
  limitBytes = () => DEFAULT_LIMIT_BYTES,
}: Deps): Caches {
  return {
    async restore(build, job, cache) {
      const problem = problemOf(cache);
      if (problem !== undefined) return { ...failingScript(problem), inputs: [], hit: null };
      const place = { scopes: scopesOf(build).restore, version: versionOf(cache) };
      const entry = await findEntry({ store, blobs, clock }, place, cache);
      logger?.debug(
        { build: build.id, job: job.id, key: cache.key, hit: entry?.key },
        'a cache was looked for',
      );
      const hit = entry?.key ?? null;
      return {
        ...restoreScript(cache, hit),
        inputs: entry === undefined ? [] : [await inputOf(entry)],
        hit,
      };
    },

    async save(build, _job, cache) {
      if (problemOf(cache) !== undefined) return null;
      const place = { scopes: scopesOf(build).restore, version: versionOf(cache) };
      const taken = await cachesWithKey(store.db, place, cache.key);
      return taken.length > 0 ? null : saveScript(cache);
    },

    async commit(build, job, cache, file) {
      const scope = scopesOf(build).save;
      const kept = await commitEntry({
        store,
        blobs,
        clock,
        scope,
        version: versionOf(cache),
        key: cache.key,
        file,
      });
      const about = { build: build.id, job: job.id, scope, key: cache.key, bytes: file.bytes };
      logger?.info(about, kept ? 'a cache was saved' : 'a cache was saved by somebody else first');
    },

    async run(signal) {
      const removed = await prune({ store, blobs, clock, limitBytes: limitBytes(), signal });
      if (removed > 0) logger?.info({ removed }, 'caches were removed to make room');
      return clock.now() + PRUNE_EVERY_MS;
    },
  };

  async function inputOf({ blob, bytes, sha256 }: CacheEntry): Promise<StepInput> {
    const request = await blobs.presign({ method: 'GET', key: blob, expiresIn: LINK_MS });
    return { name: CACHE_INPUT, request, bytes, sha256 };
  }
}
