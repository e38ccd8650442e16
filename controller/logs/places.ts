import { openInArchive, type LogArchive } from './archive.ts';
import { openOnDisk } from './disk.ts';
import { openIfThere, readBetween } from './files.ts';
import { logFiles, type LogId } from './log-id.ts';
import type { LogReader } from './log-reader.ts';
import type { LogSize } from './log-size.ts';

/** The disk, and behind it the archive: what has files is read from them, whatever else there is. */
export interface Places {
  /** `known` is the size where a writer tells it. Undefined for a log that nobody wrote. */
  open(id: LogId, signal: AbortSignal, known?: LogSize): Promise<LogReader | undefined>;
  /** A log that isn't there is empty. */
  size(id: LogId, signal: AbortSignal): Promise<LogSize>;
  /** A part of a log, wherever it is by the time that somebody reads. A file is open only so long. */
  stretch(id: LogId, stretch: { offset: number; end: number }, signal: AbortSignal): AsyncGenerator<Buffer>;
}

export function createPlaces(folder: string, archive: LogArchive | undefined): Places {
  return { open, size, stretch };

  async function open(id: LogId, signal: AbortSignal, known?: LogSize): Promise<LogReader | undefined> {
    return (await openOnDisk(logFiles(folder, id), known)) ?? (await openInArchive(archive, id, signal));
  }

  async function size(id: LogId, signal: AbortSignal): Promise<LogSize> {
    const reader = await open(id, signal);
    await reader?.close();
    return reader?.size ?? { bytes: 0, lines: 0, complete: false };
  }

  async function* stretch(
    id: LogId,
    { offset, end }: { offset: number; end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    signal.throwIfAborted();
    if (offset >= end) return;
    for await (const bytes of content(id, offset, end, signal)) {
      signal.throwIfAborted();
      yield bytes;
    }
  }

  async function* content(
    id: LogId,
    offset: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const file = await openIfThere(logFiles(folder, id).log);
    if (file === undefined) {
      yield* (await openInArchive(archive, id, signal))?.bytes(offset, end) ?? [];
      return;
    }
    try {
      yield* readBetween(file, offset, end);
    } finally {
      await file.close();
    }
  }
}
