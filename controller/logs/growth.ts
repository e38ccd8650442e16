import { countNewlines, endsInLine } from './newlines.ts';
import { encodeRecord, type IndexRecord } from './index-record.ts';
import { INDEX_INTERVAL_BYTES, INDEX_INTERVAL_MS } from './limits.ts';

/** Follows a log as it grows: counts its lines and decides where the index gets a record. */
export interface Growth {
  readonly bytes: number;
  /** Lines, an unfinished last one included. */
  readonly lines: number;
  /** Takes the next bytes, and gives the index record that is due before them, if one is. */
  add(time: number, bytes: Uint8Array): Buffer | undefined;
  /** The record that ends the index. */
  complete(): Buffer;
}

/** Starts at a record of the index; what comes after it in the log must be added next. */
export function createGrowth(start: IndexRecord): Growth {
  let bytes = start.offset;
  let newlines = start.line;
  let inLine = false;
  let recorded = start;

  function record(kind: IndexRecord['kind'], line: number, time: number): Buffer {
    // Agents' clocks jump; an index that goes back in time can't be searched.
    recorded = { kind, offset: bytes, line, time: Math.max(time, recorded.time) };
    return encodeRecord(recorded);
  }

  function isDue(time: number): boolean {
    return bytes - recorded.offset >= INDEX_INTERVAL_BYTES || time - recorded.time >= INDEX_INTERVAL_MS;
  }

  return {
    get bytes() {
      return bytes;
    },
    get lines() {
      return newlines + Number(inLine);
    },
    add(time, added) {
      const due = isDue(time) ? record('position', newlines, time) : undefined;
      bytes += added.length;
      newlines += countNewlines(added);
      inLine = endsInLine(added);
      return due;
    },
    complete: () => record('complete', newlines + Number(inLine), recorded.time),
  };
}
