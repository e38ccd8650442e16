import { Duplex, Readable } from 'node:stream';
import { FootmanError } from '#shared/errors';
import {
  CHANNEL_WINDOW_BYTES,
  MAX_CHANNEL_FRAME_BYTES,
  type ChannelFrame,
  type ChannelUse,
} from '#shared/protocol';
import type { Connection } from '../connection.ts';
import type { NodeChannel, ProcessEnd } from '../node-channel.ts';
import { createInlet } from './inlet.ts';
import { createOutlet } from './outlet.ts';

/** A channel, and what its agent says of it. All of these throw `protocol-violation` where it says what no agent says. */
export interface OpenChannel extends NodeChannel {
  frame(frame: ChannelFrame): void;
  credit(bytes: number): void;
  eof(): void;
  exit(end: ProcessEnd): void;
  /** The agent says that it is over. */
  closed(): void;
  /** Its connection is gone, or nobody may use it any more. */
  cut(): void;
}

interface Options {
  number: number;
  use: ChannelUse;
  connection: Pick<Connection, 'send' | 'sendChannel'>;
  /** Called once, when it is over. */
  over(): void;
}

/** Taken bytes are credited in pieces, for a message each time would cost more than it is worth. */
const CREDIT_BYTES = CHANNEL_WINDOW_BYTES / 4;

export function createChannel({ number, use, connection, over }: Options): OpenChannel {
  const ended = Promise.withResolvers<ProcessEnd | null>();
  let exit: ProcessEnd | null = null;
  let isOver = false;
  let hasEof = false;
  /** Bytes that have come and were not credited, and those of them that were taken. */
  let uncredited = 0;
  let taken = 0;

  const data = createInlet(() => stream, credit);
  const errors = createInlet(() => stderr, credit);
  const outlet = createOutlet((bytes, out) => connection.sendChannel(number, bytes, out));
  const stderr = new Readable({ read: errors.read, highWaterMark: MAX_CHANNEL_FRAME_BYTES });
  const stream = new Duplex({
    // How its process ended may come after the last byte of either direction.
    autoDestroy: false,
    highWaterMark: MAX_CHANNEL_FRAME_BYTES,
    read: data.read,
    write: (bytes: Buffer, _, done) => outlet.write(bytes, done),
    final(done) {
      if (!isOver) connection.send({ type: 'channel.eof', channel: number });
      done();
    },
    destroy(error, done) {
      close();
      done(error);
    },
  });

  return {
    stream,
    stderr,
    ended: ended.promise,
    resize(columns, rows) {
      if (!isOver) connection.send({ type: 'channel.resize', channel: number, columns, rows });
    },
    signal(name) {
      if (!isOver) connection.send({ type: 'channel.signal', channel: number, signal: name });
    },
    close,
    frame,
    credit(bytes) {
      if (!outlet.credit(bytes)) throw violation('took more than it was given');
    },
    eof() {
      if (hasEof) throw violation('ended twice');
      hasEof = true;
      data.end();
      errors.end();
    },
    exit(end) {
      if (exit !== null || use.kind === 'forward')
        throw violation('told of the end of a process that it has not');
      exit = end;
    },
    closed() {
      if (!finish()) return;
      data.flush();
      errors.flush();
      if (stream.readableEnded) stream.destroy();
      else stream.once('end', () => stream.destroy());
      ended.resolve(exit);
    },
    cut,
  };

  function frame({ stream: name, bytes }: ChannelFrame): void {
    uncredited += bytes.length;
    if (hasEof) throw violation('went on after its end');
    if (uncredited > CHANNEL_WINDOW_BYTES) throw violation('sent more than it may');
    if (name === 'stderr' && (use.kind === 'forward' || use.kind === 'sftp'))
      throw violation('has no standard error');
    (name === 'data' ? data : errors).take(bytes);
  }

  function credit(bytes: number): void {
    taken += bytes;
    if (isOver || taken < CREDIT_BYTES) return;
    connection.send({ type: 'channel.credit', channel: number, bytes: taken });
    uncredited -= taken;
    taken = 0;
  }

  function close(): void {
    if (!isOver) connection.send({ type: 'channel.close', channel: number });
    cut();
  }

  function cut(): void {
    if (!finish()) return;
    stream.destroy();
    stderr.destroy();
    ended.resolve(exit);
  }

  /** False when it was over before. */
  function finish(): boolean {
    if (isOver) return false;
    isOver = true;
    outlet.end();
    over();
    return true;
  }

  function violation(what: string): FootmanError {
    return new FootmanError('protocol-violation', `channel ${number} ${what}`);
  }
}
