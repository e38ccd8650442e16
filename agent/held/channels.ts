import { messageOf } from '#shared/errors';
import { MAX_CHANNELS, decodeChannelFrame, type ControllerMessageOf } from '#shared/protocol';
import type { Link } from '../link/index.ts';
import { reapOrphans } from '../system/index.ts';
import { createChannel, type ChannelEnd } from './channel.ts';
import { HIGH_WATER_BYTES } from './outgoing.ts';
import { startUse, type UseDeps } from './start-use.ts';
import type { Use } from './use.ts';

export type ChannelOrder = ControllerMessageOf<
  'channel.open' | 'channel.resize' | 'channel.signal' | 'channel.credit' | 'channel.eof' | 'channel.close'
>;

/** The channels of one connection. What is said of one that is over is ignored: the controller may not have heard of its end. */
export interface Channels {
  order(order: ChannelOrder): void;
  frame(data: Buffer): void;
  /** The connection has room. */
  flushed(): void;
  /** All of them are over, and nothing is said of them. */
  cutAll(): void;
}

interface Deps extends UseDeps {
  link: Pick<Link, 'send' | 'sendChannel' | 'buffered'>;
  /** Why none may be opened; undefined where one may. */
  obstacle(): string | undefined;
}

interface Entry {
  end: ChannelEnd;
  /** Once it has begun. */
  use?: Use;
}

/** Longest sentence that a message carries, in characters. */
const MAX_MESSAGE_LENGTH = 4096;

export function createChannels({ link, obstacle, ...deps }: Deps): Channels {
  const channels = new Map<number, Entry>();

  return {
    order,
    frame(data) {
      try {
        const { channel, bytes } = decodeChannelFrame(data);
        take(channel, (end) => end.receive(bytes));
      } catch {
        // It is of no channel, so that there is none to end.
      }
    },
    flushed() {
      for (let isMoving = true; isMoving && link.buffered < HIGH_WATER_BYTES;) {
        isMoving = false;
        // All of them in turn: one that has much to say must not keep a key stroke's echo waiting.
        for (const { end } of channels.values()) isMoving = end.sendOne() || isMoving;
      }
    },
    cutAll() {
      for (const id of channels.keys()) cut(id);
    },
  };

  function order(message: ChannelOrder): void {
    const { channel: id } = message;
    switch (message.type) {
      case 'channel.open':
        return void open(message);
      case 'channel.resize':
        return channels.get(id)?.use?.resize?.(message.columns, message.rows);
      case 'channel.signal':
        return channels.get(id)?.use?.signal?.(message.signal);
      case 'channel.credit':
        return channels.get(id)?.end.credit(message.bytes);
      case 'channel.eof':
        return take(id, (end) => end.receiveEnd());
      case 'channel.close':
        return cut(id);
    }
  }

  /** From its opening to its end. Never rejects. */
  async function open({ channel: id, use }: ControllerMessageOf<'channel.open'>): Promise<void> {
    if (channels.has(id)) return;
    const why = channels.size < MAX_CHANNELS ? obstacle() : `the node has ${MAX_CHANNELS} channels already`;
    if (why !== undefined) return link.send({ type: 'channel.failed', channel: id, message: why });
    const end = createChannel(id, link);
    const entry: Entry = { end };
    channels.set(id, entry);
    try {
      entry.use = await startUse(use, end.channel, deps);
      if (!isOpen()) return;
      end.opened();
      const how = await entry.use.ended;
      await end.finish();
      if (!isOpen()) return;
      if (how !== null) link.send({ type: 'channel.exit', channel: id, ...how });
      link.send({ type: 'channel.close', channel: id });
    } catch (error) {
      if (isOpen()) fail(error, entry);
    } finally {
      if (isOpen()) cut(id);
      reapOrphans(deps.libc, deps.children);
    }

    function isOpen(): boolean {
      return channels.get(id) === entry;
    }

    function fail(error: unknown, { use: begun }: Entry): void {
      const message = messageOf(error).slice(0, MAX_MESSAGE_LENGTH);
      if (begun === undefined) link.send({ type: 'channel.failed', channel: id, message });
      else link.send({ type: 'channel.close', channel: id });
    }
  }

  /** What the controller may not send ends the channel. */
  function take(id: number, receive: (end: ChannelEnd) => void): void {
    const entry = channels.get(id);
    if (entry === undefined) return;
    try {
      receive(entry.end);
    } catch {
      cut(id);
      link.send({ type: 'channel.close', channel: id });
    }
  }

  function cut(id: number): void {
    const entry = channels.get(id);
    channels.delete(id);
    entry?.end.cut();
  }
}
