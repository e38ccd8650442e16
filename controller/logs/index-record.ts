import { crc32 } from 'node:zlib';

/**
 * One entry of a log's index:
 *
 *     offset u64 | line u64 | time u64 | kind u32 | crc32 u32      (little-endian)
 *
 * `position`: `line` newlines come before `offset`, and the bytes at `offset` came at `time` (milliseconds since the epoch, never less
 * than in the record before). `complete`: the last one; the log has `offset` bytes and `line` lines. The checksum tells a record that a
 * crash tore, or a disk spoilt.
 */
export interface IndexRecord {
  kind: 'position' | 'complete';
  offset: number;
  line: number;
  time: number;
}

export const RECORD_BYTES = 32;
const CHECKED_BYTES = 28;
const POSITION = 1;
const COMPLETE = 2;

export function encodeRecord(record: IndexRecord): Buffer {
  const bytes = Buffer.allocUnsafe(RECORD_BYTES);
  bytes.writeBigUInt64LE(BigInt(record.offset), 0);
  bytes.writeBigUInt64LE(BigInt(record.line), 8);
  bytes.writeBigUInt64LE(BigInt(record.time), 16);
  bytes.writeUInt32LE(record.kind === 'complete' ? COMPLETE : POSITION, 24);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return bytes;
}

/** The record, or undefined where the bytes are none. */
export function decodeRecord(bytes: Buffer): IndexRecord | undefined {
  if (bytes.length < RECORD_BYTES) return undefined;
  if (bytes.readUInt32LE(CHECKED_BYTES) !== crc32(bytes.subarray(0, CHECKED_BYTES))) return undefined;
  const kind = bytes.readUInt32LE(24);
  if (kind !== POSITION && kind !== COMPLETE) return undefined;
  return {
    kind: kind === COMPLETE ? 'complete' : 'position',
    offset: Number(bytes.readBigUInt64LE(0)),
    line: Number(bytes.readBigUInt64LE(8)),
    time: Number(bytes.readBigUInt64LE(16)),
  };
}
