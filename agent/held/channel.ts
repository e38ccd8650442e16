import { Duplex, Writable } from 'node:stream';
import { CHANNEL_WINDOW_BYTES, type ChannelFrame } from '#shared/protocol';
import type { Link } from '../link/index.ts';
import { createIncoming } from './incoming.ts';
import { createOutgoing } from './outgoing.ts';

/** A channel as its use has it. */
export interface Channel {
  /** What is read comes from the controller, what is written goes there; ending it says so. Nothing is kept beyond a window either way. */
  readonly stream: Duplex;
  /** What is written goes beside the other bytes. */
  readonly stderr: Writable;
  /** Aborted when the channel is over before its use is. */
  readonly cut: AbortSignal;
}

/** A channel as the connection has it. */
export interface ChannelEnd {
  readonly channel: Channel;
  /** Says that it is open. What was written before comes after that. */
  opened(): void;
  /** @throws Error if the controller may not send it */
  receive(bytes: Uint8Array): void;
  receiveEnd(): void;
  credit(bytes: number): void;
  /** Sends one frame, whatever else is on its way; false if there is none that may go. */
  sendOne(): boolean;
  /** Resolves when all that was written so far is on its way, or the channel was cut. No more may be written. */
  finish(): Promise<void>;
  /** It is over at once. */
  cut(): void;
}

export function createChannel(id: number, link: Pick<Link, 'send' | 'sendChannel' | 'buffered'>): ChannelEnd {
  const cutting = new AbortController();
  const { signal } = cutting;
  const outgoing = createOutgoing(id, link);
  const incoming = createIncoming({
    push: (bytes) => void stream.push(bytes),
    credit: (bytes) => link.send({ type: 'channel.credit', channel: id, bytes }),
  });
  const stream = new Duplex({
    read: incoming.wanted,
    write: writer('data'),
    final(done) {
      link.send({ type: 'channel.eof', channel: id });
      done();
    },
  });
  const stderr = new Writable({ write: writer('stderr') });
  // A use may still have something to say when the channel is cut.
  for (const end of [stream, stderr]) end.on('error', () => undefined);

  return {
    channel: { stream, stderr, cut: signal },
    opened() {
      link.send({ type: 'channel.opened', channel: id });
      outgoing.credit(CHANNEL_WINDOW_BYTES);
    },
    receive: incoming.receive,
    receiveEnd: incoming.end,
    credit: outgoing.credit,
    sendOne: outgoing.sendOne,
    async finish() {
      await ended(stderr);
      // The end of both: it is said after the last byte of either.
      await ended(stream);
    },
    cut() {
      cutting.abort();
      stream.destroy();
      stderr.destroy();
    },
  };

  function writer(name: ChannelFrame['stream']) {
    return (bytes: Buffer, _encoding: BufferEncoding, sent: () => void): void => {
      if (signal.aborted) sent();
      else outgoing.write(name, bytes, sent);
    };
  }
}

function ended(stream: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stream.destroyed) return Promise.resolve();
  stream.once('close', resolve).once('finish', resolve);
  if (stream.writableFinished) resolve();
  else stream.end();
  return promise;
}
