import { Readable } from 'node:stream';
import { LOG_BYTES, PENDING_BYTES } from './limits.ts';
import { createLiveLogs } from './live-logs.ts';
import { locate, type Stretch } from './locate.ts';
import { logFiles, logKey, type LogId } from './log-id.ts';
import type { LogRange } from './log-range.ts';
import { openLogReader } from './log-reader.ts';
import type { LogSize } from './log-size.ts';
import type { LogWriter } from './log-writer.ts';
import { followFrom, readStretch, sizeOnDisk } from './read.ts';
import { createWriters } from './writers.ts';

/** All steps' logs. Every method may be called at any time, for logs that aren't there yet too: those are empty. */
export interface Logs {
  /**
   * Opens a log for appending, new or not, and repairs its index; waits for a writer that is being released.
   *
   * @throws FootmanError `conflict` while the log has a writer, `request-invalid` for a bad name. AbortError after `close`.
   */
  open(id: LogId): Promise<LogWriter>;
  size(id: LogId): Promise<LogSize>;
  /** A part of the log as it is now; what is appended later is not in it. */
  read(id: LogId, range: LogRange, signal: AbortSignal): Promise<LogSlice>;
  /**
   * The log's bytes from `offset` on, then what is appended, about a millisecond after it is stored, until the log is complete.
   * Reads the file at the reader's own pace. Throws the signal's reason on abort, and when the logs are closed.
   */
  follow(id: LogId, from: { offset: number }, signal: AbortSignal): AsyncIterable<Buffer>;
  /** Ends all followers, and releases all writers. */
  close(): Promise<void>;
}

/** A part of a log: bytes from `offset` to `end`, which is excluded. `line` is the one that `offset` is in. */
export interface LogSlice extends Stretch {
  /** The whole log, when the part was located. */
  size: LogSize;
  /** To be read at most once; costs nothing until then. */
  content: AsyncIterable<Buffer>;
}

interface Options {
  /** Holds `BUILD/JOB/STEP.log` and `.idx`; made if missing. */
  folder: string;
  limits?: { pendingBytes?: number; logBytes?: number };
}

export function createLogs({ folder, limits }: Options): Logs {
  const { pendingBytes = PENDING_BYTES, logBytes = LOG_BYTES } = limits ?? {};
  const lives = createLiveLogs();
  const writers = createWriters({ folder, lives, limits: { pendingBytes, logBytes } });
  const closing = new AbortController();

  async function openWriter(id: LogId): Promise<LogWriter> {
    closing.signal.throwIfAborted();
    return await writers.open(id);
  }

  async function size(id: LogId): Promise<LogSize> {
    return lives.sizeOf(logKey(id)) ?? (await sizeOnDisk(logFiles(folder, id)));
  }

  async function read(id: LogId, range: LogRange, signal: AbortSignal): Promise<LogSlice> {
    const files = logFiles(folder, id);
    const reader = await openLogReader(files, lives.sizeOf(logKey(id)));
    if (reader === undefined) return emptySlice();
    try {
      const stretch = await locate(range, reader);
      return { ...stretch, size: reader.size, content: readStretch(files, stretch, signal) };
    } finally {
      await reader.close();
    }
  }

  async function* follow(id: LogId, { offset }: { offset: number }, signal: AbortSignal) {
    const live = lives.enter(logKey(id));
    try {
      yield* followFrom(logFiles(folder, id), live, offset, AbortSignal.any([signal, closing.signal]));
    } finally {
      live.leave();
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await writers.close();
  }

  return { open: openWriter, size, read, follow, close };
}

function emptySlice(): LogSlice {
  const size = { bytes: 0, lines: 0, complete: false };
  return { offset: 0, end: 0, line: 0, size, content: Readable.from([]) };
}
