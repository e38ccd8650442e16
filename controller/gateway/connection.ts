import { WebSocket, type RawData } from 'ws';
import type { Clock } from '#controller/clock';
import { toFootmanError, type FootmanError } from '#shared/errors';
import {
  KIND_CHANNEL,
  PING_INTERVAL_MS,
  SILENCE_LIMIT_MS,
  decodeAgentMessage,
  decodeChannelFrame,
  decodeLogFrame,
  encodeChannelHeader,
  type AgentMessage,
  type ChannelFrame,
  type ControllerMessage,
  type LogFrame,
} from '#shared/protocol';

/** One agent's socket. Frames are parsed here and handed on in order; whatever breaks the protocol ends the connection. */
export interface Connection {
  /** Sends the message, or drops it if the socket is gone: whoever sends says it again to the next connection. */
  send(message: ControllerMessage): void;
  /** Sends a piece of what goes over a channel, and calls back when it is out, or the socket is gone. */
  sendChannel(channel: number, bytes: Uint8Array, out: () => void): void;
  /** The agent may come back and go on. */
  cut(error: FootmanError): void;
  /** The agent must exit and not come back. */
  refuse(error: FootmanError): void;
  /** Resolves when the agent has answered a ping: what was sent before has arrived. Rejects when the socket closes first. */
  confirmed(): Promise<void>;
  /** Pings an idle agent and gives up a silent one; to be called every few seconds. */
  beat(): void;
}

export interface ConnectionHandler {
  message(message: AgentMessage): void;
  log(frame: LogFrame): void;
  channel(frame: ChannelFrame): void;
  closed(): void;
}

/** Bytes that may wait for an agent that does not read: more than all that is ever sent to one that does. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

const CLOSE_GOING_AWAY = 1001;
const CLOSE_REFUSED = 1008;

export function createConnection(socket: WebSocket, clock: Clock, handler: ConnectionHandler): Connection {
  let heardAt = clock.now();
  const waitingForPong: PromiseWithResolvers<void>[] = [];

  socket.on('message', (data: RawData, isBinary: boolean) => {
    // What still comes after it was cut or refused counts no more.
    if (socket.readyState !== WebSocket.OPEN) return;
    heardAt = clock.now();
    try {
      if (isBinary) takeFrame(data as Buffer);
      else handler.message(decodeAgentMessage(data as Buffer));
    } catch (error) {
      cut(toFootmanError(error));
    }
  });
  socket.on('pong', () => {
    heardAt = clock.now();
    waitingForPong.shift()?.resolve();
  });
  socket.on('ping', () => {
    heardAt = clock.now();
    limitUnsent();
  });
  // The close that follows tells all there is to know.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const waiting of waitingForPong) waiting.reject(new Error('the connection closed'));
    handler.closed();
  });

  return {
    send,
    sendChannel(channel, bytes, out) {
      if (socket.readyState !== WebSocket.OPEN) return out();
      const header = encodeChannelHeader({ channel, stream: 'data' });
      socket.send(Buffer.concat([header, bytes]), () => out());
    },
    cut,
    refuse(error) {
      send({ type: 'refused', code: error.code, message: error.message });
      socket.close(CLOSE_REFUSED, error.code);
    },
    confirmed() {
      const waiting = Promise.withResolvers<void>();
      waitingForPong.push(waiting);
      if (socket.readyState === WebSocket.OPEN) socket.ping();
      else waiting.reject(new Error('the connection is closed'));
      return waiting.promise;
    },
    beat() {
      const silence = clock.now() - heardAt;
      if (silence > SILENCE_LIMIT_MS) socket.terminate();
      else if (silence > PING_INTERVAL_MS && waitingForPong.length === 0) socket.ping();
    },
  };

  function takeFrame(data: Buffer): void {
    if (data[0] === KIND_CHANNEL) handler.channel(decodeChannelFrame(data));
    else handler.log(decodeLogFrame(data));
  }

  function send(message: ControllerMessage): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    limitUnsent();
  }

  function limitUnsent(): void {
    if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate();
  }

  function cut(error: FootmanError): void {
    // A close frame's reason has at most 123 bytes.
    socket.close(CLOSE_GOING_AWAY, error.message.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?'));
  }
}
