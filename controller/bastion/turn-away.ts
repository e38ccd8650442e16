import type { Socket } from 'node:net';
import type { Clock } from '#controller/clock';

/** How SSH calls the server that speaks. */
export const IDENT = 'Footman';
const LINGER_MS = 2_000;

const MSG_DISCONNECT = 1;
const BY_APPLICATION = 11;
const BLOCK_BYTES = 8;
const MIN_PADDING_BYTES = 4;

/** Says why before any key is exchanged, which would cost more than a stranger's connection is worth, and hangs up. */
export function turnAway(socket: Socket, sentence: string, clock: Clock): void {
  socket.end(Buffer.concat([Buffer.from(`SSH-2.0-${IDENT}\r\n`), disconnectPacket(sentence)]));
  // What was not read would make the other side's system forget what it was told.
  socket.resume();
  const callOff = clock.after(LINGER_MS, () => socket.destroy());
  socket.once('close', callOff);
}

/** RFC 4253, 6 and 11.1: a packet that is neither encrypted nor authenticated yet. */
function disconnectPacket(sentence: string): Buffer {
  const text = Buffer.from(sentence);
  const payload = Buffer.concat([
    Buffer.from([MSG_DISCONNECT]),
    uint32(BY_APPLICATION),
    uint32(text.length),
    text,
    uint32(0),
  ]);
  const unpadded = 4 + 1 + payload.length + MIN_PADDING_BYTES;
  const padding = MIN_PADDING_BYTES + ((BLOCK_BYTES - (unpadded % BLOCK_BYTES)) % BLOCK_BYTES);
  return Buffer.concat([
    uint32(1 + payload.length + padding),
    Buffer.from([padding]),
    payload,
    Buffer.alloc(padding),
  ]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
