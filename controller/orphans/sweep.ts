import type { Blobs } from '#controller/blobs';
import type { Clock } from '#controller/clock';
import type { Logger } from '#controller/logger';
import type { Store } from '#controller/store';
import { adviceOf, FootmanError, type ErrorCode } from '#shared/errors';
import { findOpenUploads, findOrphans } from './find.ts';
import { keysWithoutRows } from './living.ts';
import { claimStorage } from './owner.ts';

/**
 * Removes objects that no row has. What is being made, or read by somebody who is slow, looks the same for a while: so an object goes only when two
 * listings that came to their ends showed it without a row, with the grace between them, and it has none at the last look either (I2, L5).
 */
export interface OrphanSweep {
  /** One pass. Returns when the next one is due, in milliseconds since the epoch; soon where the storage does not let it. */
  run(signal: AbortSignal): Promise<number>;
  /** What the last listing that came to its end showed, by kind; null before the first. */
  stock(): Stock | null;
  /** Objects that were removed since the controller started. */
  removed(): number;
  /** Why the storage is not swept, as sentences; none where it is. */
  problems(): string[];
}

/** By `artifacts`, `caches`, `logs` and `sources`. */
export type Stock = ReadonlyMap<string, { objects: number; bytes: number }>;

interface Deps {
  store: Store;
  blobs: Blobs;
  clock: Clock;
  logger: Logger;
  controllerId: string;
  /** How long an object stays at least that no row has, in milliseconds. */
  graceMs?: number;
  intervalMs?: number;
}

/** Longer than any upload takes, and any build needs for the source that was sent for it. */
const GRACE_MS = 24 * 60 * 60_000;
/** A pass lists the whole storage. */
const INTERVAL_MS = 6 * 60 * 60_000;
/** Until it is tried again, where the storage is away or is not ours. */
const RETRY_MS = 60_000;
/** What is remembered; the rest has its turn when these are gone. */
const MOST_SUSPECTS = 100_000;

/** What a storage may say, which an administrator or time must mend: no failure of the controller, whose jobs go on without it. */
const STORAGE_CODES = new Set<ErrorCode>(['storage-unavailable', 'storage-refused', 'conflict']);

export function createOrphanSweep(deps: Deps): OrphanSweep {
  const { store, blobs, clock, logger, controllerId, graceMs = GRACE_MS, intervalMs = INTERVAL_MS } = deps;
  /** Since when each object has been seen without a row. */
  let suspects = new Map<string, number>();
  let dueAt = -Infinity;
  let stock: Stock | null = null;
  let removed = 0;
  let problem: string | null = null;

  return {
    async run(signal) {
      if (clock.now() < dueAt) return dueAt;
      try {
        await claimStorage(blobs, controllerId, signal);
        await sweep(signal);
        await giveUpUploads(signal);
        problem = null;
        dueAt = clock.now() + intervalMs;
      } catch (error) {
        signal.throwIfAborted();
        if (!isOfStorage(error)) throw error;
        note(`the storage is not swept: ${adviceOf(error)}`);
        dueAt = clock.now() + RETRY_MS;
      }
      return dueAt;
    },
    stock: () => stock,
    removed: () => removed,
    problems: () => (problem === null ? [] : [problem]),
  };

  /** It is logged once, however often it is tried. */
  function note(sentence: string): void {
    if (sentence !== problem) logger.warn(sentence);
    problem = sentence;
  }

  async function sweep(signal: AbortSignal): Promise<void> {
    const now = clock.now();
    const seen = new Map<string, { objects: number; bytes: number }>();
    const found = new Map<string, number>();
    for await (const { key } of findOrphans(store.db, blobs, signal, count))
      if (found.size < MOST_SUSPECTS) found.set(key, suspects.get(key) ?? now);
    // Only now: a listing that broke off shows nothing.
    stock = seen;
    suspects = found;
    const ripe = [...found].filter(([, since]) => since < now && now - since >= graceMs).map(([key]) => key);
    for (const key of ripe) {
      signal.throwIfAborted();
      const [orphan] = await keysWithoutRows(store.db, [key]);
      if (orphan === undefined) continue;
      await blobs.remove(key, signal);
      suspects.delete(key);
      removed += 1;
      logger.info({ key }, 'an object that no row has was removed');
    }

    function count(kind: string, bytes: number): void {
      const sum = seen.get(kind) ?? { objects: 0, bytes: 0 };
      seen.set(kind, { objects: sum.objects + 1, bytes: sum.bytes + bytes });
    }
  }

  async function giveUpUploads(signal: AbortSignal): Promise<void> {
    for await (const { key, id, startedAt } of findOpenUploads(store.db, blobs, signal)) {
      if (clock.now() - startedAt < graceMs) continue;
      await blobs.uploads.abort({ key, id }, signal);
      logger.info({ key }, 'an upload that nobody went on with was given up');
    }
  }
}

function isOfStorage(error: unknown): boolean {
  return error instanceof FootmanError && STORAGE_CODES.has(error.code);
}
