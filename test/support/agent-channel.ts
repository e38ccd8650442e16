import {
  CHANNEL_WINDOW_BYTES,
  MAX_CHANNEL_FRAME_BYTES,
  type AgentMessageOf,
  type ChannelUse,
} from '#shared/protocol';
import type { AgentPeer } from '#test/agent-peer';

/** A channel to a real agent, as an honest controller keeps it; `credits` says whether it takes what comes. */
export interface AgentChannel {
  readonly id: number;
  credits: boolean;
  /** Credits all that came. */
  credit(): void;
  /** Sends the bytes as the agent credits them. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** No more will be written. */
  end(): void;
  resize(columns: number, rows: number): void;
  signal(name: string): void;
  close(): void;
  output(): Buffer;
  errors(): Buffer;
  /** Bytes that came and were not credited. */
  owed(): number;
  /** How its process ended, once the channel is closed; undefined where none did. */
  readonly closed: Promise<AgentMessageOf<'channel.exit'> | undefined>;
  readonly hasEnded: boolean;
  /** Resolves when the output has that in it, with what of it matches. */
  shows(pattern: RegExp | string): Promise<string>;
}

/** @throws Error with what the agent said if it does not open */
export interface AgentChannels {
  open(use: ChannelUse): Promise<AgentChannel>;
}

/** One for each peer. */
export function agentChannels(peer: AgentPeer): AgentChannels {
  let channels = 0;
  const taking = new Map<number, (stream: 'data' | 'stderr', bytes: Uint8Array) => void>();
  peer.onChannelFrame = ({ channel, stream, bytes }) => taking.get(channel)?.(stream, bytes);

  return {
    async open(use) {
      const id = channels++;
      const channel = createAgentChannel(id, peer, (take) => taking.set(id, take));
      peer.send({ type: 'channel.open', channel: id, use });
      await peer.until(() => said('channel.opened') !== undefined || said('channel.failed') !== undefined);
      const failed = said('channel.failed');
      if (failed !== undefined) throw new Error(failed.message);
      return channel;

      function said<T extends 'channel.opened' | 'channel.failed'>(type: T): AgentMessageOf<T> | undefined {
        return peer.messages.find(
          (message): message is AgentMessageOf<T> => message.type === type && message.channel === id,
        );
      }
    },
  };
}

function createAgentChannel(
  id: number,
  peer: AgentPeer,
  onFrame: (take: (stream: 'data' | 'stderr', bytes: Uint8Array) => void) => void,
): AgentChannel {
  const pieces = { data: [] as Buffer[], stderr: [] as Buffer[] };
  let owed = 0;
  let sent = 0;

  const channel: AgentChannel = {
    id,
    credits: true,
    credit,
    async write(given) {
      const bytes = Buffer.from(given);
      for (let at = 0; at < bytes.length;) {
        await peer.until(() => room() > 0);
        const length = Math.min(room(), MAX_CHANNEL_FRAME_BYTES, bytes.length - at);
        peer.sendChannelFrame({ channel: id, stream: 'data', bytes: bytes.subarray(at, at + length) });
        sent += length;
        at += length;
      }
    },
    end: () => peer.send({ type: 'channel.eof', channel: id }),
    resize: (columns, rows) => peer.send({ type: 'channel.resize', channel: id, columns, rows }),
    signal: (signal) => peer.send({ type: 'channel.signal', channel: id, signal }),
    close: () => peer.send({ type: 'channel.close', channel: id }),
    output: () => Buffer.concat(pieces.data),
    errors: () => Buffer.concat(pieces.stderr),
    owed: () => owed,
    closed: untilClosed(),
    get hasEnded() {
      return said('channel.eof').length > 0;
    },
    async shows(pattern) {
      const find = () => channel.output().toString().match(pattern);
      await peer.until(() => find() !== null);
      return find()?.at(-1) ?? '';
    },
  };
  onFrame((stream, bytes) => {
    pieces[stream].push(Buffer.from(bytes));
    owed += bytes.length;
    if (channel.credits) credit();
  });
  return channel;

  function credit(): void {
    peer.send({ type: 'channel.credit', channel: id, bytes: owed });
    owed = 0;
  }

  function room(): number {
    const credited = said('channel.credit').reduce((sum, { bytes }) => sum + bytes, 0);
    return CHANNEL_WINDOW_BYTES + credited - sent;
  }

  async function untilClosed(): Promise<AgentMessageOf<'channel.exit'> | undefined> {
    await peer.until(() => said('channel.close').length > 0);
    return said('channel.exit')[0];
  }

  function said<T extends 'channel.credit' | 'channel.eof' | 'channel.exit' | 'channel.close'>(
    type: T,
  ): AgentMessageOf<T>[] {
    return peer.messages.filter(
      (message): message is AgentMessageOf<T> => message.type === type && message.channel === id,
    );
  }
}
