import { FootmanError } from '#shared/errors';
import { MAX_CHANNEL_FRAME_BYTES } from './limits.ts';

/**
 * A binary frame, either way: a piece of what goes over one channel of a held node.
 *
 *     kind u8 = 2 | channel u32 | stream u8 | bytes
 *
 * Integers are big-endian. Frames of one channel and direction arrive in their order, at most as many bytes as were credited.
 */
export interface ChannelFrame {
  /** As `channel.open` numbered it. */
  channel: number;
  /** Towards the node always `data`. */
  stream: 'data' | 'stderr';
  bytes: Uint8Array;
}

/** The first byte of each binary frame. */
export const KIND_CHANNEL = 2;
export const CHANNEL_HEADER_BYTES = 1 + 4 + 1;
const STREAMS = ['data', 'stderr'] as const;

/** The header of a frame; the bytes follow it on the wire. */
export function encodeChannelHeader({ channel, stream }: Omit<ChannelFrame, 'bytes'>): Buffer {
  const header = Buffer.alloc(CHANNEL_HEADER_BYTES);
  header.writeUInt8(KIND_CHANNEL, 0);
  header.writeUInt32BE(channel, 1);
  header.writeUInt8(STREAMS.indexOf(stream), 5);
  return header;
}

/**
 * Reads a frame from the wire. The bytes are a view of `data`, not a copy.
 *
 * @throws FootmanError `protocol-violation` for another kind, a truncated or over-long frame, or an unknown stream
 */
export function decodeChannelFrame(data: Buffer): ChannelFrame {
  const length = data.length - CHANNEL_HEADER_BYTES;
  if (length <= 0 || length > MAX_CHANNEL_FRAME_BYTES || data.readUInt8(0) !== KIND_CHANNEL)
    throw new FootmanError(
      'protocol-violation',
      `a binary frame of ${data.length} bytes is none of a channel`,
    );
  const stream = STREAMS[data.readUInt8(5)];
  if (stream === undefined)
    throw new FootmanError('protocol-violation', 'a frame of a channel is of no stream that there is');
  return { channel: data.readUInt32BE(1), stream, bytes: data.subarray(CHANNEL_HEADER_BYTES) };
}
