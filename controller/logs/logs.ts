import { Readable } from 'node:stream';
import { openInArchive, type LogArchive } from './archive.ts';
import { followFrom } from './follow.ts';
import { LOG_BYTES, PENDING_BYTES, SEARCH_BYTES } from './limits.ts';
import { createLiveLogs } from './live-logs.ts';
import { locate } from './locate.ts';
import { logKey, type LogId } from './log-id.ts';
import type { LogRange } from './log-range.ts';
import type { LogSize } from './log-size.ts';
import type { LogSlice } from './log-slice.ts';
import type { LogWriter } from './log-writer.ts';
import { listOnDisk, removeBuildFromDisk, removeFromDisk } from './on-disk.ts';
import { createPlaces } from './places.ts';
import { seal, type SealedLog } from './seal.ts';
import { searchIn, type LogMatches, type LogSearch } from './search.ts';
import { createWriters } from './writers.ts';

/**
 * All steps' logs. Every method may be called at any time, for logs that aren't there yet too: those are empty. A log that is not on the
 * disk is read from the archive, where it is complete; what that throws is thrown then.
 */
export interface Logs {
  /**
   * Opens a log for appending, new or not, and repairs its index; waits for a writer that is being released. That of a log that the archive has
   * is complete.
   *
   * @throws FootmanError `conflict` while the log has a writer, `request-invalid` for a bad name. AbortError after `close`.
   */
  open(id: LogId): Promise<LogWriter>;
  size(id: LogId): Promise<LogSize>;
  /** A part of the log as it is now; what is appended later is not in it. */
  read(id: LogId, range: LogRange, signal: AbortSignal): Promise<LogSlice>;
  /**
   * Lines with a text, from the byte at `from.offset` on, in their order. Looks through so much at a time: where nothing is found, there may
   * be a `next` all the same.
   */
  search(id: LogId, from: { offset: number }, search: LogSearch, signal: AbortSignal): Promise<LogMatches>;
  /**
   * The log's bytes from `offset` on, then what is appended, about a millisecond after it is stored, until the log is complete.
   * Reads at the reader's own pace. Throws the signal's reason on abort, and when the logs are closed.
   */
  follow(id: LogId, from: { offset: number }, signal: AbortSignal): AsyncIterable<Buffer>;
  /**
   * The log as it goes to the archive, complete from then on. Undefined where it is not on the disk.
   *
   * @throws FootmanError `conflict` while the log has a writer
   */
  seal(id: LogId): Promise<SealedLog | undefined>;
  /** Logs that are on the disk, or partly so, in no order. */
  onDisk(): AsyncIterable<LogId>;
  /** Removes a log from the disk, once the archive has it. Readers go on there. One that isn't there is fine. */
  remove(id: LogId): Promise<void>;
  /** Removes all logs of a build from the disk. None must have a writer, or get one. */
  removeBuild(build: string): Promise<void>;
  /** Ends all followers, and releases all writers. */
  close(): Promise<void>;
}

interface Options {
  /** Holds `BUILD/JOB/STEP.log` and `.idx`; made if missing. */
  folder: string;
  /** Where logs are that have left the disk. */
  archive?: LogArchive;
  limits?: { pendingBytes?: number; logBytes?: number };
}

export function createLogs({ folder, archive, limits }: Options): Logs {
  const { pendingBytes = PENDING_BYTES, logBytes = LOG_BYTES } = limits ?? {};
  const lives = createLiveLogs();
  const places = createPlaces(folder, archive);
  const closing = new AbortController();
  const writers = createWriters({
    folder,
    lives,
    limits: { pendingBytes, logBytes },
    archived: async (id) => (await openInArchive(archive, id, closing.signal))?.size,
  });

  async function openWriter(id: LogId): Promise<LogWriter> {
    closing.signal.throwIfAborted();
    return await writers.open(id);
  }

  async function size(id: LogId): Promise<LogSize> {
    return lives.sizeOf(logKey(id)) ?? (await places.size(id, closing.signal));
  }

  async function read(id: LogId, range: LogRange, signal: AbortSignal): Promise<LogSlice> {
    const reader = await places.open(id, signal, lives.sizeOf(logKey(id)));
    if (reader === undefined) return emptySlice();
    try {
      const stretch = await locate(range, reader);
      return { ...stretch, size: reader.size, content: places.stretch(id, stretch, signal) };
    } finally {
      await reader.close();
    }
  }

  async function* follow(id: LogId, { offset }: { offset: number }, signal: AbortSignal) {
    const live = lives.enter(logKey(id));
    try {
      yield* followFrom(places, id, live, offset, AbortSignal.any([signal, closing.signal]));
    } finally {
      live.leave();
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await writers.close();
  }

  return {
    open: openWriter,
    size,
    read,
    async search(id, { offset }, search, signal) {
      return searchIn(await read(id, { offset, length: SEARCH_BYTES }, signal), search);
    },
    follow,
    async seal(id) {
      closing.signal.throwIfAborted();
      return await seal(folder, writers, id);
    },
    onDisk: () => listOnDisk(folder),
    remove: (id) => removeFromDisk(folder, id),
    removeBuild: (build) => removeBuildFromDisk(folder, build),
    close,
  };
}

function emptySlice(): LogSlice {
  const size = { bytes: 0, lines: 0, complete: false };
  return { offset: 0, end: 0, line: 0, size, content: Readable.from([]) };
}
