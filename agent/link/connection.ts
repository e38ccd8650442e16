import { messageOf } from '#shared/errors';
import {
  MAX_CONTROL_BYTES,
  PING_INTERVAL_MS,
  PROTOCOL_VERSION,
  SILENCE_LIMIT_MS,
  type AgentMessage,
  type ControllerMessage,
  type ControllerMessageOf,
  type Facts,
} from '#shared/protocol';
import type { Endpoint } from '../http/index.ts';
import { parseOrder } from './parse-order.ts';
import { monotonicMs } from '../monotonic.ts';
import { AGENT_VERSION } from '../version.ts';
import { openWebSocket, type WebSocket } from '../websocket/index.ts';

/** What a welcome lets through. */
export type Order = Exclude<ControllerMessage, { type: 'welcome' | 'refused' }>;

export interface ConnectionHandler {
  welcome(socket: WebSocket, message: ControllerMessageOf<'welcome'>): void;
  message(order: Order): void;
  /** A binary frame, as it came. */
  frame(data: Buffer): void;
  /** All that was sent so far is out. */
  flushed(): void;
}

/** How a connection ended, or that it never came to be. */
export interface ConnectionEnd {
  wasWelcome: boolean;
  isRefused: boolean;
  reason: string;
}

interface Options {
  endpoint: Endpoint;
  token: string;
  facts: Facts;
}

const AGENT_PATH = '/agent/v1';
/** For the connection, the upgrade and the welcome, each. */
const GREETING_TIMEOUT_MS = 15_000;

/** Connects, says hello, and hands on what the controller says, until the connection is over. Never rejects. */
export async function holdConnection(options: Options, handler: ConnectionHandler): Promise<ConnectionEnd> {
  const { endpoint, token, facts } = options;
  const closed = Promise.withResolvers<string>();
  const end: ConnectionEnd = { wasWelcome: false, isRefused: false, reason: '' };
  let heardAt = monotonicMs();

  const socket = await openWebSocket(
    { endpoint, path: AGENT_PATH, timeoutMs: GREETING_TIMEOUT_MS, maxBytes: MAX_CONTROL_BYTES },
    {
      text: receive,
      binary: receiveFrame,
      heard: () => (heardAt = monotonicMs()),
      flushed: handler.flushed,
      closed: closed.resolve,
    },
  ).catch((error: unknown) => messageOf(error));
  if (typeof socket === 'string') return { ...end, reason: socket };

  const drop = () => socket.destroy();
  const impatience = setTimeout(drop, GREETING_TIMEOUT_MS);
  const heart = setInterval(beat, PING_INTERVAL_MS / 3, socket);
  socket.sendText(JSON.stringify(hello(token, facts)));
  const reason = await closed.promise;
  clearTimeout(impatience);
  clearInterval(heart);
  return { ...end, reason };

  function receive(text: Buffer): void {
    const message = parseOrder(text);
    if (message.type === 'refused') refuse(message.message);
    else if (message.type === 'welcome') welcome(message);
    else if (end.wasWelcome) handler.message(message);
    else throw new Error(`${message.type} came before welcome`);
  }

  function receiveFrame(data: Buffer): void {
    if (!end.wasWelcome) throw new Error('a binary frame came before welcome');
    handler.frame(data);
  }

  function refuse(why: string): void {
    end.isRefused = true;
    closed.resolve(`refused: ${why}`);
  }

  function welcome(message: ControllerMessageOf<'welcome'>): void {
    if (typeof socket === 'string') return;
    clearTimeout(impatience);
    end.wasWelcome = true;
    handler.welcome(socket, message);
  }

  /** Silence is suspicion and no more (L9): it leads to a new connection. */
  function beat(pinged: WebSocket): void {
    const silence = monotonicMs() - heardAt;
    if (silence > SILENCE_LIMIT_MS) pinged.destroy();
    else if (silence > PING_INTERVAL_MS) pinged.ping();
  }
}

function hello(token: string, facts: Facts): AgentMessage {
  return { type: 'hello', protocol: PROTOCOL_VERSION, token, agentVersion: AGENT_VERSION, facts };
}
