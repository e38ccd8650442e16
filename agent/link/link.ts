import {
  encodeChannelHeader,
  encodeLogHeader,
  type AgentMessage,
  type ChannelFrame,
  type ControllerMessageOf,
  type Facts,
  type LogFrame,
} from '#shared/protocol';
import { fullJitter, type Endpoint } from '../http/index.ts';
import { monotonicMs } from '../monotonic.ts';
import { say } from '../say.ts';
import type { WebSocket } from '../websocket/index.ts';
import { holdConnection, type Order } from './connection.ts';

/**
 * The agent's way to its controller, over as many connections as it takes. What is said while there is none is dropped: whatever
 * matters is said again after the next welcome.
 */
export interface Link {
  send(message: AgentMessage): void;
  /** Sends a piece of a log without copying it; the bytes must not change any more. */
  sendLog(frame: LogFrame): void;
  /** Sends a piece of what goes over a channel, likewise. */
  sendChannel(frame: ChannelFrame): void;
  /** Bytes that were sent and that the system has not taken yet. */
  readonly buffered: number;
  /**
   * Stays connected until the controller refuses the agent, or the grace is over without a connection: the lease's, or that of a node which
   * is needed after its job, which is counted from the order that says so. To be called once.
   */
  run(handler: LinkHandler): Promise<LinkEnd>;
}

export interface LinkHandler {
  /** A new connection stands; everything sent before it and not acknowledged may be lost. */
  welcome(message: ControllerMessageOf<'welcome'>): void;
  message(order: Order): void;
  /** A binary frame, not looked at yet: what reads it is loaded when it is needed. */
  frame(data: Buffer): void;
  lost(): void;
  /** All that was sent so far is out. */
  flushed(): void;
}

/** Why there will be no connection any more. */
export type LinkEnd = 'refused' | 'lost';

interface Deps {
  endpoint: Endpoint;
  /** The bootstrap token; the first welcome replaces it. */
  token: string;
  facts: Facts;
}

const BACKOFF = { baseMs: 100, capMs: 5_000 };
/** How long to try before the first welcome has told the lease's grace. */
const FIRST_GRACE_MS = 120_000;
/** A connection that stood for less counts as one more failure, lest two sides that disagree keep each other busy. */
const STABLE_MS = 250;

export function createLink({ endpoint, token: bootstrap, facts }: Deps): Link {
  let socket: WebSocket | undefined;
  let token = bootstrap;
  let graceMs = FIRST_GRACE_MS;
  let neededUntil = 0;

  return {
    get buffered() {
      return socket?.buffered ?? 0;
    },
    send: (message) => socket?.sendText(JSON.stringify(message)),
    sendChannel: (frame) => socket?.sendBinary([encodeChannelHeader(frame), frame.bytes]),
    sendLog: (frame) => socket?.sendBinary([encodeLogHeader(frame), frame.bytes]),
    run,
  };

  async function run(handler: LinkHandler): Promise<LinkEnd> {
    let tries = 0;
    let lostAt = monotonicMs();
    for (;;) {
      const began = monotonicMs();
      const { isRefused, wasWelcome, reason } = await connect(handler);
      say(`not connected: ${reason}`);
      if (isRefused) return 'refused';
      if (wasWelcome) lostAt = monotonicMs();
      if (wasWelcome && lostAt - began >= STABLE_MS) tries = 0;
      const delay = fullJitter(BACKOFF, tries++);
      if (monotonicMs() + delay >= Math.max(lostAt + graceMs, neededUntil)) return 'lost';
      if (delay > 0) await sleep(delay);
    }
  }

  async function connect(handler: LinkHandler) {
    const end = await holdConnection(
      { endpoint, token, facts },
      {
        welcome(opened, message) {
          socket = opened;
          token = message.session;
          graceMs = message.graceMs;
          handler.welcome(message);
        },
        message(order) {
          const afterJob = order.type === 'hold.begin' || order.type === 'artifact.collect';
          if (afterJob && order.graceMs !== undefined) neededUntil = monotonicMs() + order.graceMs;
          handler.message(order);
        },
        frame: handler.frame,
        flushed: handler.flushed,
      },
    );
    socket = undefined;
    if (end.wasWelcome) handler.lost();
    return end;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
