import { messageOf } from '#shared/errors';
import { connectTo, type Endpoint } from '../http/index.ts';
import { OPCODE, encodeFrameHeader, type Opcode } from './frame-header.ts';
import { createFrameReader, type Received } from './frame-reader.ts';
import { upgrade } from './handshake.ts';

/**
 * A client's WebSocket: whole messages both ways, no extensions. It is our own because a client is small, and because loading one that
 * can do everything takes as long as starting Node.js; the server's side is `ws`.
 */
export interface WebSocket {
  /** Bytes that were sent and that the system has not taken yet. */
  readonly buffered: number;
  sendText(text: string): void;
  /** Sends the parts as one message, without copying them: they must not change any more. */
  sendBinary(parts: readonly Uint8Array[]): void;
  ping(): void;
  /** Says goodbye and closes. */
  close(): void;
  /** Drops the connection at once. */
  destroy(): void;
}

/** `closed` comes exactly once and last. None is called before `openWebSocket` has resolved. */
export interface WebSocketHandler {
  text(message: Buffer): void;
  /** The bytes are the handler's own from then on. */
  binary(message: Buffer): void;
  /** Anything at all came: the other side is alive. */
  heard(): void;
  /** All that was sent so far is out. */
  flushed(): void;
  closed(reason: string): void;
}

interface Options {
  endpoint: Endpoint;
  path: string;
  /** For the connection and for the answer to the upgrade, each. */
  timeoutMs: number;
  maxBytes: number;
}

const NORMAL_CLOSURE = Buffer.from([1000 >> 8, 1000 & 0xff]);

/** @throws the reason, if there is no WebSocket at the endpoint */
export async function openWebSocket(options: Options, handler: WebSocketHandler): Promise<WebSocket> {
  const { endpoint, path, timeoutMs, maxBytes } = options;
  const socket = await connectTo(endpoint, timeoutMs);
  const early = await upgrade(socket, endpoint.host, endpoint.base + path, timeoutMs).catch(
    (error: unknown) => {
      socket.destroy();
      throw error;
    },
  );
  const read = createFrameReader(maxBytes);
  let reason = 'the controller closed the connection';

  socket.on('data', take);
  socket.on('end', () => socket.destroy());
  socket.on('error', (error) => (reason = error.message));
  socket.on('close', () => handler.closed(reason));
  setImmediate(() => {
    if (early.length > 0) take(early);
    socket.resume();
  });

  return {
    get buffered() {
      return socket.writableLength;
    },
    sendText: (text) => send(OPCODE.text, [Buffer.from(text)]),
    sendBinary: (parts) => send(OPCODE.binary, parts),
    ping: () => send(OPCODE.ping, []),
    close() {
      send(OPCODE.close, [NORMAL_CLOSURE]);
      socket.destroySoon();
    },
    destroy: () => void socket.destroy(),
  };

  function send(opcode: Opcode, parts: readonly Uint8Array[]): void {
    if (!socket.writable) return;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    socket.cork();
    socket.write(encodeFrameHeader(opcode, length), written);
    for (const part of parts) socket.write(part);
    socket.uncork();
  }

  function written(): void {
    if (socket.writableLength === 0) handler.flushed();
  }

  function take(chunk: Buffer): void {
    handler.heard();
    try {
      for (const received of read(chunk)) dispatch(received);
    } catch (error) {
      reason = messageOf(error);
      socket.destroy();
    }
  }

  function dispatch({ opcode, payload }: Received): void {
    if (opcode === OPCODE.text) handler.text(payload);
    else if (opcode === OPCODE.binary) handler.binary(payload);
    else if (opcode === OPCODE.ping) send(OPCODE.pong, [payload]);
    else if (opcode === OPCODE.close) {
      const text = payload.subarray(2).toString();
      reason = text === '' ? 'the controller said goodbye' : `the controller said goodbye: ${text}`;
      send(OPCODE.close, [payload]);
      socket.destroySoon();
    } else if (opcode !== OPCODE.pong) throw new Error(`frames of kind ${opcode} are not expected`);
  }
}
