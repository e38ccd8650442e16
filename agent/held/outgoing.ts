import { MAX_CHANNEL_FRAME_BYTES, type ChannelFrame } from '#shared/protocol';
import type { Link } from '../link/index.ts';

/** What goes over a channel, as fast as the controller and the connection take it. */
export interface Outgoing {
  /** `sent` is called when the bytes are on their way; they must not change until then, or after. */
  write(stream: ChannelFrame['stream'], bytes: Uint8Array, sent: () => void): void;
  /** The controller takes so many bytes more; at first it takes none. */
  credit(bytes: number): void;
  /** Sends one frame, whatever else is on its way; false if there is none that may go. */
  sendOne(): boolean;
}

interface Piece {
  stream: ChannelFrame['stream'];
  bytes: Uint8Array;
  sent(): void;
}

/** With this much on its way, more only waits in memory, and in front of what other channels have to say. */
export const HIGH_WATER_BYTES = 256 * 1024;

export function createOutgoing(channel: number, link: Pick<Link, 'sendChannel' | 'buffered'>): Outgoing {
  const waiting: Piece[] = [];
  let credit = 0;

  return {
    write(stream, bytes, sent) {
      waiting.push({ stream, bytes, sent });
      pump();
    },
    credit(bytes) {
      credit += bytes;
      pump();
    },
    sendOne,
  };

  function pump(): void {
    while (link.buffered < HIGH_WATER_BYTES && sendOne());
  }

  function sendOne(): boolean {
    const [piece] = waiting;
    if (piece === undefined) return false;
    const { stream, bytes } = piece;
    const length = Math.min(bytes.length, credit, MAX_CHANNEL_FRAME_BYTES);
    if (length === 0 && bytes.length > 0) return false;
    if (length > 0) link.sendChannel({ channel, stream, bytes: bytes.subarray(0, length) });
    credit -= length;
    piece.bytes = bytes.subarray(length);
    if (piece.bytes.length === 0) {
      waiting.shift();
      piece.sent();
    }
    return true;
  }
}
