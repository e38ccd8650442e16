import { FootmanError } from '#shared/errors';
import { MAX_LOG_FRAME_BYTES } from './limits.ts';

/**
 * A binary frame: a piece of one step's output.
 *
 *     kind u8 = 1 | stream u32 | offset u64 | time u64 | bytes
 *
 * Integers are big-endian. The time is the agent's, taken when it read the first of the bytes, so that a log which arrives after an
 * hour without a connection still tells when each line was written.
 */
export interface LogFrame {
  /** The step's number within its lease, as given in `step.start`. */
  stream: number;
  /** Position of the first byte in the stream. */
  offset: number;
  /** Milliseconds since the epoch. */
  time: number;
  bytes: Uint8Array;
}

const KIND_LOG = 1;
export const LOG_HEADER_BYTES = 1 + 4 + 8 + 8;

/** The header of a frame; the bytes follow it on the wire, so that they need not be copied to be framed. */
export function encodeLogHeader(
  frame: Omit<LogFrame, 'bytes'>,
  into: Buffer = Buffer.alloc(LOG_HEADER_BYTES),
): Buffer {
  into.writeUInt8(KIND_LOG, 0);
  into.writeUInt32BE(frame.stream, 1);
  into.writeBigUInt64BE(BigInt(frame.offset), 5);
  into.writeBigUInt64BE(BigInt(frame.time), 13);
  return into;
}

/**
 * Reads a frame from the wire. The bytes are a view of `data`, not a copy.
 *
 * @throws FootmanError `protocol-violation` for an unknown kind, a truncated or over-long frame, or a number beyond 2^53.
 */
export function decodeLogFrame(data: Buffer): LogFrame {
  if (data.length <= LOG_HEADER_BYTES) throw violation(`a binary frame of ${data.length} bytes is too short`);
  if (data.length > LOG_HEADER_BYTES + MAX_LOG_FRAME_BYTES) {
    throw violation(`a binary frame of ${data.length} bytes is too long`);
  }
  const kind = data.readUInt8(0);
  if (kind !== KIND_LOG) throw violation(`binary frames of kind ${kind} are unknown`);
  return {
    stream: data.readUInt32BE(1),
    offset: safeInteger(data.readBigUInt64BE(5)),
    time: safeInteger(data.readBigUInt64BE(13)),
    bytes: data.subarray(LOG_HEADER_BYTES),
  };
}

function safeInteger(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw violation(`the number ${value} is out of range`);
  return Number(value);
}

function violation(message: string): FootmanError {
  return new FootmanError('protocol-violation', message);
}
