import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';
import {
  PROTOCOL_VERSION,
  decodeControllerMessage,
  encodeLogHeader,
  type ControllerMessage,
  type ControllerMessageOf,
} from '#shared/protocol';

/** A client that speaks the agent's protocol, and says whatever a test wants. */
export interface HostileAgent {
  /** Text as it is, and anything else as JSON. */
  say(message: unknown): void;
  hello(token: string, change?: object): void;
  binary(bytes: Buffer): void;
  log(stream: number, offset: number, text: string): void;
  /** The next message of that type that no earlier call gave. Rejects when the connection closes first. */
  next<T extends ControllerMessage['type']>(type: T): Promise<ControllerMessageOf<T>>;
  /** Resolves with the close frame's code. */
  readonly closed: Promise<number>;
  leave(): void;
}

/** What it tells of its node unless told otherwise. */
export const FACTS = {
  os: 'Debian',
  architecture: 'x64',
  kernel: '6',
  hostname: 'hostile',
  cpus: 1,
  memoryBytes: 1,
  diskFreeBytes: 1,
};

/** `url` is the controller's, as `http://host:port`. */
export async function dialHostile(url: string): Promise<HostileAgent> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/agent/v1`, { perMessageDeflate: false });
  const events = new EventEmitter().setMaxListeners(0);
  const unread: ControllerMessage[] = [];
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    unread.push(decodeControllerMessage(data));
    events.emit('change');
  });
  const closed = new Promise<number>((resolve) => {
    socket.once('close', (code) => {
      resolve(code);
      events.emit('change');
    });
  });
  await once(socket, 'open');

  return {
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    hello: (token, change = {}) =>
      socket.send(
        JSON.stringify({
          type: 'hello',
          protocol: PROTOCOL_VERSION,
          token,
          agentVersion: '1',
          facts: FACTS,
          ...change,
        }),
      ),
    binary: (bytes) => socket.send(bytes),
    log(stream, offset, text) {
      socket.send(Buffer.concat([encodeLogHeader({ stream, offset, time: Date.now() }), Buffer.from(text)]));
    },
    async next<T extends ControllerMessage['type']>(type: T) {
      for (;;) {
        const at = unread.findIndex((message) => message.type === type);
        const [found] = at === -1 ? [] : unread.splice(at, 1);
        if (found !== undefined) return found as ControllerMessageOf<T>;
        if (socket.readyState === WebSocket.CLOSED) throw new Error(`closed before ${type} came`);
        await once(events, 'change');
      }
    },
    closed,
    leave: () => socket.terminate(),
  };
}
