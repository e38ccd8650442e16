import type { Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/** Writes to the client, one piece after another. */
export interface ChannelWriter {
  /** Resolves when the client has room for more: true; or when it is gone: false. */
  write(to: 'stdout' | 'stderr', bytes: Uint8Array): Promise<boolean>;
}

/**
 * ssh2 1.17 keeps what once had to wait for room, and sends it again when something on the other of the two streams has to wait; so only one
 * waits at a time, and what it kept is forgotten.
 */
const KEPT = { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined };

export function createChannelWriter(channel: ServerChannel, gone: AbortSignal): ChannelWriter {
  let last: Promise<unknown> = Promise.resolve();
  let giveUp: (() => void) | undefined;
  gone.addEventListener('abort', () => giveUp?.(), { once: true });

  return {
    write(to, bytes) {
      const written = last.then(() => write(to === 'stdout' ? channel : channel.stderr, bytes));
      last = written;
      return written;
    },
  };

  async function write(stream: Writable, bytes: Uint8Array): Promise<boolean> {
    if (gone.aborted) return false;
    const done = Promise.withResolvers<void>();
    giveUp = done.resolve;
    stream.write(bytes, () => done.resolve());
    await done.promise;
    Object.assign(channel, KEPT);
    return !gone.aborted;
  }
}
