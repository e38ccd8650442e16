import { decodeRecord, RECORD_BYTES } from './index-record.ts';
import { FootmanError } from '#shared/errors';
import type { LogId } from './log-id.ts';
import { lastWhere } from './log-index.ts';
import { createLogReader, type LogReader } from './log-reader.ts';

/** Complete logs that have left the disk. */
export interface LogArchive {
  /** Undefined for a log that is not in it. What it gives may be read until the signal aborts. */
  open(id: LogId, signal: AbortSignal): Promise<ArchivedLog | undefined>;
}

export interface ArchivedLog {
  /** All of it; empty for a log without bytes. */
  index: Buffer;
  /** Bytes from `from` to `to`, a piece at a time. */
  bytes(from: number, to: number): AsyncGenerator<Buffer>;
}

export async function openInArchive(
  archive: LogArchive | undefined,
  id: LogId,
  signal: AbortSignal,
): Promise<LogReader | undefined> {
  const log = await archive?.open(id, signal);
  if (log === undefined) return undefined;
  const { index, bytes } = log;
  const count = index.length / RECORD_BYTES;
  const record = (number: number) => decodeRecord(index.subarray(number * RECORD_BYTES));
  const last = count === 0 ? EMPTY : record(count - 1);
  if (last?.kind !== 'complete')
    throw new FootmanError('internal', `the index of the log of step ${id.step} is spoilt in the storage`);
  return createLogReader({
    size: { bytes: last.offset, lines: last.line, complete: true },
    lastWhere: (holds) => lastWhere(record, count, holds),
    bytes,
    close: async () => undefined,
  });
}

const EMPTY = { kind: 'complete', offset: 0, line: 0 } as const;
