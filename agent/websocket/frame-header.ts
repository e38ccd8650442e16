/** What RFC 6455, section 5.2, calls the frame's opcode. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
export type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;

/**
 * The header of one whole message from a client, whose payload follows it unchanged: the masking key is zero. The standard masks to keep
 * scripts in a browser from writing an HTTP request of their making to an old proxy; a step needs no WebSocket to write bytes to
 * a socket, so that a random key would protect nobody and cost a pass over every byte of every log.
 */
export function encodeFrameHeader(opcode: Opcode, length: number): Buffer {
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + lengthBytes + MASK_BYTES);
  header[0] = FINAL | opcode;
  header[1] = MASKED | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) header.writeUInt16BE(length, 2);
  if (lengthBytes === 8) header.writeUIntBE(length, 4, 6);
  return header;
}
