import type { FileHandle } from 'node:fs/promises';
import { openIfThere, readBetween } from './files.ts';
import { createGrowth } from './growth.ts';
import type { LogFiles } from './log-id.ts';
import { indexEnd, lastWhere, START, type IndexEnd } from './log-index.ts';
import type { LogSize } from './log-size.ts';
import { afterNewline, countNewlines } from './newlines.ts';

/** Looks things up in one log: a binary search in its index and a scan of at most one interval, however long the log is. */
export interface LogReader {
  readonly size: LogSize;
  /** Where the line starts; the log's end for lines that it doesn't have. */
  offsetOf(line: number): Promise<number>;
  /** Line that the byte at `offset` is in. */
  lineAt(offset: number): Promise<number>;
  /** Line from which on there is all that came at or after `time`. */
  lineSince(time: number): Promise<number>;
  bytes(from: number, to: number): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

/** Opens a log for reading; `known` is its size where a writer tells it. Undefined where nothing was written yet. */
export async function openLogReader(files: LogFiles, known?: LogSize): Promise<LogReader | undefined> {
  const log = await openIfThere(files.log);
  if (log === undefined) return undefined;
  const index = await openIfThere(files.index);

  async function close(): Promise<void> {
    await Promise.allSettled([log?.close(), index?.close()]);
  }

  try {
    const { size: bytes } = await log.stat();
    const end = index === undefined ? NO_INDEX : await indexEnd(index, bytes);
    return createLogReader(log, index, end.count, known ?? (await sizeFrom(log, end, bytes)), close);
  } catch (error) {
    await close();
    throw error;
  }
}

const NO_INDEX: IndexEnd = { count: 0, last: undefined };

async function sizeFrom(log: FileHandle, { last = START }: IndexEnd, bytes: number): Promise<LogSize> {
  if (last.kind === 'complete') return { bytes, lines: last.line, complete: true };
  const growth = createGrowth(last);
  for await (const piece of readBetween(log, last.offset, bytes)) growth.add(last.time, piece);
  return { bytes: growth.bytes, lines: growth.lines, complete: false };
}

function createLogReader(
  log: FileHandle,
  index: FileHandle | undefined,
  records: number,
  size: LogSize,
  close: () => Promise<void>,
): LogReader {
  async function recordWhere(holds: Parameters<typeof lastWhere>[2]): ReturnType<typeof lastWhere> {
    return index === undefined ? START : await lastWhere(index, records, holds);
  }

  async function offsetOf(line: number): Promise<number> {
    if (line <= 0) return 0;
    if (line >= size.lines) return size.bytes;
    const start = await recordWhere((record) => record.line < line);
    let missing = line - start.line;
    let at = start.offset;
    for await (const bytes of readBetween(log, start.offset, size.bytes)) {
      const found = afterNewline(bytes, missing);
      if (found !== -1) return at + found;
      missing -= countNewlines(bytes);
      at += bytes.length;
    }
    return size.bytes;
  }

  async function lineAt(offset: number): Promise<number> {
    const start = await recordWhere((record) => record.offset <= offset);
    let line = start.line;
    for await (const bytes of readBetween(log, start.offset, Math.min(offset, size.bytes))) {
      line += countNewlines(bytes);
    }
    return line;
  }

  return {
    size,
    offsetOf,
    lineAt,
    lineSince: async (time) => (await recordWhere((record) => record.time < time)).line,
    bytes: (from, to) => readBetween(log, from, to),
    close,
  };
}
