import type { IndexRecord } from './index-record.ts';
import { INDEX_INTERVAL_BYTES } from './limits.ts';
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

const SCAN_BYTES = 2 * INDEX_INTERVAL_BYTES;

/** Where a log is: in files, or in the storage. */
export interface LogSource {
  size: LogSize;
  /** The last record of the index that `holds`, which is true up to some record and false from there on. */
  lastWhere(holds: (record: IndexRecord) => boolean): Promise<IndexRecord>;
  /** Bytes from `from` to `to`, a piece at a time. */
  bytes(from: number, to: number): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

export function createLogReader({ size, lastWhere, bytes, close }: LogSource): LogReader {
  async function offsetOf(line: number): Promise<number> {
    if (line <= 0) return 0;
    if (line >= size.lines) return size.bytes;
    const start = await lastWhere((record) => record.line < line);
    let missing = line - start.line;
    let at = start.offset;
    for await (const piece of scanned(start.offset)) {
      const found = afterNewline(piece, missing);
      if (found !== -1) return at + found;
      missing -= countNewlines(piece);
      at += piece.length;
    }
    return size.bytes;
  }

  /** All from there on, asked for as much at a time as a line of the index may need: storages give what they are asked for. */
  async function* scanned(from: number): AsyncGenerator<Buffer> {
    for (let at = from; at < size.bytes; at += SCAN_BYTES) {
      yield* bytes(at, Math.min(at + SCAN_BYTES, size.bytes));
    }
  }

  async function lineAt(offset: number): Promise<number> {
    const start = await lastWhere((record) => record.offset <= offset);
    let line = start.line;
    for await (const piece of bytes(start.offset, Math.min(offset, size.bytes))) {
      line += countNewlines(piece);
    }
    return line;
  }

  return {
    size,
    offsetOf,
    lineAt,
    lineSince: async (time) => (await lastWhere((record) => record.time < time)).line,
    bytes,
    close,
  };
}
