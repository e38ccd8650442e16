import type { FileHandle } from 'node:fs/promises';
import { decodeRecord, RECORD_BYTES, type IndexRecord } from './index-record.ts';

/** The good part of an index: records that fit the log's length. */
export interface IndexEnd {
  /** How many records are good, the last one included. */
  count: number;
  last: IndexRecord | undefined;
}

/** Where every log starts, whether its index says so or not. */
export const START: IndexRecord = { kind: 'position', offset: 0, line: 0, time: 0 };

/** Finds the last good record: what a crash tore, or what lies past the end of the log, doesn't count. */
export async function indexEnd(index: FileHandle, logBytes: number): Promise<IndexEnd> {
  let count = Math.floor((await index.stat()).size / RECORD_BYTES);
  for (; count > 0; count--) {
    const last = await readRecord(index, count - 1);
    if (last !== undefined && fits(last, logBytes)) return { count, last };
  }
  return { count: 0, last: undefined };
}

/**
 * The last of the first `count` records that `holds`, which is true up to some record and false from there on; START where it never
 * is. A spoilt record in the middle counts as false: the answer is then an earlier record, which is as good a place to scan from.
 */
export async function lastWhere(
  read: (number: number) => Promise<IndexRecord | undefined> | IndexRecord | undefined,
  count: number,
  holds: (record: IndexRecord) => boolean,
): Promise<IndexRecord> {
  let found = START;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = await read(middle);
    if (record?.kind === 'position' && holds(record)) {
      found = record;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

export async function readRecord(index: FileHandle, number: number): Promise<IndexRecord | undefined> {
  const bytes = Buffer.allocUnsafe(RECORD_BYTES);
  const { bytesRead } = await index.read(bytes, 0, RECORD_BYTES, number * RECORD_BYTES);
  return decodeRecord(bytes.subarray(0, bytesRead));
}

function fits(record: IndexRecord, logBytes: number): boolean {
  return record.kind === 'complete' ? record.offset === logBytes : record.offset < logBytes;
}
