import type { Readable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import type { Session } from '#controller/access';
import { clockSleep, type Clock } from '#controller/clock';
import type { NodeChannel } from '#controller/gateway';
import { createChannelWriter } from './channel-writer.ts';

/** A channel of SSH whose other end is on a held node. */
export interface Line {
  /** Carries bytes both ways; resolves when the node has no more to say. */
  carry(session: Session): Promise<void>;
  /** Whether the client has sent far more than it may. */
  isFlooded(): boolean;
  /** Says a sentence to whoever is there, and closes the channel; said again, it does nothing. */
  close(ending: Ending): Promise<void>;
}

/** `exit` is an exit status or the name of a signal. */
export interface Ending {
  sentence?: string;
  exit?: number | string;
}

interface Options {
  channel: ServerChannel;
  clock: Clock;
  /** Aborts when the client has left. */
  gone: AbortSignal;
  /** A terminal needs its carriage returns. */
  isTerminal: boolean;
  /** Something went over it. */
  touch(): void;
}

/** What ssh itself exits with where it does not know. */
export const UNKNOWN_END = 255;
/** For a client that does not read what it is told. */
const LAST_WORDS_MS = 1_000;
/** Twice the window that ssh2 gives. */
const FLOOD_BYTES = 4 * 1024 * 1024;

export function createLine({ channel, clock, gone, isTerminal, touch }: Options): Line {
  const writer = createChannelWriter(channel, gone);
  let closed: Promise<void> | undefined;
  let node: NodeChannel | undefined;
  // Whatever becomes of them, the channel's close says so.
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);
  channel.on('data', touch);
  // Until there is somewhere to flow to.
  channel.pause();

  return {
    async carry(session) {
      node = session.channel;
      gone.addEventListener('abort', hangUp, { once: true });
      if (gone.aborted || closed !== undefined) hangUp();
      channel.pipe(node.stream);
      await Promise.all([toClient('stdout', node.stream), toClient('stderr', node.stderr)]);
    },
    isFlooded: () => channel.readableLength > FLOOD_BYTES,
    close: (ending) => (closed ??= close(ending)),
  };

  function hangUp(): void {
    node?.close();
  }

  async function close({ sentence, exit }: Ending): Promise<void> {
    hangUp();
    if (sentence !== undefined && !gone.aborted) await say(sentence);
    sayExit(exit);
    channel.eof();
    channel.close();
  }

  async function toClient(to: 'stdout' | 'stderr', from: Readable): Promise<void> {
    try {
      // The other direction may go on for long.
      for await (const bytes of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        touch();
        if (!(await writer.write(to, bytes))) return;
      }
    } catch {
      // It broke off; how it ended tells the rest.
    }
  }

  async function say(sentence: string): Promise<void> {
    const text = isTerminal ? `\r\nfootman: ${sentence}\r\n` : `footman: ${sentence}\n`;
    const settled = new AbortController();
    const said = writer.write('stderr', Buffer.from(text)).then(() => settled.abort());
    await Promise.race([said, clockSleep(clock, LAST_WORDS_MS, settled.signal)]);
  }

  function sayExit(exit: number | string | undefined): void {
    try {
      if (typeof exit === 'number') channel.exit(exit);
      else if (exit !== undefined) channel.exit(exit);
    } catch {
      // A signal that SSH has no name for.
      channel.exit(UNKNOWN_END);
    }
  }
}
