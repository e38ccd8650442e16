import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import {
  Facts,
  decodeControllerMessage,
  encodeChannelHeader,
  type AgentMessage,
  type ControllerMessage,
  type ControllerMessageOf,
} from '#shared/protocol';

/** An agent's end of a socket, which says what a test wants. */
export interface Client {
  hello(token: string, bootId?: string): void;
  say(message: AgentMessage): void;
  data(channel: number, text: string): void;
  /** The next message of that type that no earlier call gave. Rejects when the connection closes first. */
  next<T extends ControllerMessage['type']>(type: T): Promise<ControllerMessageOf<T>>;
  /** Messages that no call gave. */
  unread(): readonly ControllerMessage[];
  /** Resolves with the close frame's code. */
  readonly closed: Promise<number>;
  leave(): void;
}

const FACTS = {
  os: 'a',
  architecture: 'b',
  kernel: 'c',
  hostname: 'd',
  cpus: 1,
  memoryBytes: 1,
  diskFreeBytes: 1,
};

export async function dialIn(server: Server): Promise<Client> {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const events = new EventEmitter();
  const unread: ControllerMessage[] = [];
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    unread.push(decodeControllerMessage(data));
    events.emit('change');
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  void closed.then(() => events.emit('change'));
  await once(socket, 'open');
  const client: Client = {
    hello: (token, bootId) =>
      client.say({
        type: 'hello',
        protocol: 1,
        token,
        agentVersion: '1',
        facts: Facts.parse({ ...FACTS, bootId: bootId ?? null }),
      }),
    say: (message) => socket.send(JSON.stringify(message)),
    data: (channel, text) =>
      socket.send(Buffer.concat([encodeChannelHeader({ channel, stream: 'data' }), Buffer.from(text)])),
    async next<T extends ControllerMessage['type']>(type: T) {
      for (;;) {
        const at = unread.findIndex((message) => message.type === type);
        const [found] = at === -1 ? [] : unread.splice(at, 1);
        if (found !== undefined) return found as ControllerMessageOf<T>;
        if (socket.readyState === WebSocket.CLOSED) throw new Error(`closed before ${type} came`);
        await once(events, 'change');
      }
    },
    unread: () => unread,
    closed,
    leave: () => socket.terminate(),
  };
  return client;
}
