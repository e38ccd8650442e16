import type { Clock } from '#controller/clock';
import { abortable } from '#shared/abortable';
import { FootmanError } from '#shared/errors';
import {
  CHANNEL_HEADER_BYTES,
  CHANNEL_WINDOW_BYTES,
  MAX_CHANNELS,
  type AgentMessageOf,
  type ChannelFrame,
  type ChannelUse,
} from '#shared/protocol';
import type { Connection } from '../connection.ts';
import type { NodeChannel } from '../node-channel.ts';
import { createChannel, type OpenChannel } from './channel.ts';
import { plainText } from '../plain-text.ts';

export type ChannelMessage = AgentMessageOf<
  'channel.opened' | 'channel.failed' | 'channel.exit' | 'channel.credit' | 'channel.eof' | 'channel.close'
>;

/** The channels of one connection to a held node. What its agent says may be anything (I9): what no agent says throws `protocol-violation`. */
export interface Channels {
  /** @throws FootmanError `node-unreachable`, `conflict`, or the signal's reason */
  open(use: ChannelUse, signal: AbortSignal): Promise<NodeChannel>;
  message(message: ChannelMessage): void;
  frame(frame: ChannelFrame): void;
  /** The connection is gone, or the hold is over: all of them end, and none is opened any more. */
  end(): void;
}

interface Deps {
  clock: Clock;
  connection: Pick<Connection, 'send' | 'sendChannel'>;
}

interface Opening {
  use: ChannelUse;
  opened: PromiseWithResolvers<OpenChannel>;
}

/** For a node to open one; connecting from there to a place that drops packets takes longest. */
const OPEN_MS = 30_000;
/** What a message about a channel that is over counts for, in bytes. */
const STRAY_MESSAGE_BYTES = 256;
/** Bytes that may come of channels that there are not: what was on its way when one was closed, and some more. */
const STRAY_BYTES = 64 * 1024;
const STRAY_BYTES_PER_CHANNEL = 2 * CHANNEL_WINDOW_BYTES;

export function createChannels({ clock, connection }: Deps): Channels {
  const opening = new Map<number, Opening>();
  const channels = new Map<number, OpenChannel>();
  let last = 0;
  let strayBytes = STRAY_BYTES;
  let hasEnded = false;

  return {
    open,
    message(message) {
      const { channel: number } = message;
      if (message.type === 'channel.opened') return opened(number);
      if (message.type === 'channel.failed') return failed(number, message.message);
      const channel = channels.get(number);
      if (channel === undefined) return stray(STRAY_MESSAGE_BYTES);
      switch (message.type) {
        case 'channel.exit':
          return channel.exit({ exit: message.exit, signal: message.signal });
        case 'channel.credit':
          return channel.credit(message.bytes);
        case 'channel.eof':
          return channel.eof();
        case 'channel.close':
          return channel.closed();
      }
    },
    frame(frame) {
      const channel = channels.get(frame.channel);
      if (channel === undefined) stray(CHANNEL_HEADER_BYTES + frame.bytes.length);
      else channel.frame(frame);
    },
    end() {
      hasEnded = true;
      const gone = unreachable();
      for (const { opened } of opening.values()) opened.reject(gone);
      opening.clear();
      for (const channel of channels.values()) channel.cut();
    },
  };

  async function open(use: ChannelUse, signal: AbortSignal): Promise<NodeChannel> {
    signal.throwIfAborted();
    if (hasEnded) throw unreachable();
    if (opening.size + channels.size >= MAX_CHANNELS)
      throw new FootmanError('conflict', `the node has ${MAX_CHANNELS} channels open already`);
    const number = ++last;
    strayBytes += STRAY_BYTES_PER_CHANNEL;
    const task: Opening = { use, opened: Promise.withResolvers() };
    opening.set(number, task);
    const callOff = clock.after(OPEN_MS, () => task.opened.reject(unreachable()));
    connection.send({ type: 'channel.open', channel: number, use });
    try {
      return await abortable(task.opened.promise, signal);
    } catch (error) {
      // It may be opened yet: nobody would ever close it.
      if (opening.delete(number)) connection.send({ type: 'channel.close', channel: number });
      else channels.get(number)?.close();
      throw error;
    } finally {
      callOff();
    }
  }

  /** What the node sends may follow at once, so that the channel stands before anybody has heard of it. */
  function opened(number: number): void {
    const task = opening.get(number);
    if (task === undefined) return stray(STRAY_MESSAGE_BYTES);
    opening.delete(number);
    const { use } = task;
    const channel = createChannel({ number, use, connection, over: () => channels.delete(number) });
    channels.set(number, channel);
    task.opened.resolve(channel);
  }

  function failed(number: number, message: string): void {
    const task = opening.get(number);
    if (task === undefined) return stray(STRAY_MESSAGE_BYTES);
    opening.delete(number);
    task.opened.reject(new FootmanError('conflict', plainText(message)));
  }

  function stray(bytes: number): void {
    strayBytes -= bytes;
    if (strayBytes < 0)
      throw new FootmanError('protocol-violation', 'too much came of channels that there are not');
  }
}

function unreachable(): FootmanError {
  return new FootmanError('node-unreachable', "the node's agent does not answer");
}
