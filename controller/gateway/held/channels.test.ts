import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  CHANNEL_WINDOW_BYTES,
  MAX_CHANNELS,
  MAX_CHANNEL_FRAME_BYTES,
  type ChannelUse,
  type ControllerMessage,
} from '#shared/protocol';
import { createHandClock, type HandClock } from '../../clock/test-support.ts';
import type { NodeChannel } from '../node-channel.ts';
import { createChannels, type ChannelMessage, type Channels } from './channels.ts';

const EXEC: ChannelUse = { kind: 'exec', command: 'work', pty: null, env: {} };
const FORWARD: ChannelUse = { kind: 'forward', host: 'localhost', port: 80 };
const never = new AbortController().signal;

let clock: HandClock;
let channels: Channels;
/** What the node got. */
let said: ControllerMessage[];
let frames: { channel: number; bytes: Buffer }[];

beforeEach(() => {
  clock = createHandClock();
  said = [];
  frames = [];
  channels = createChannels({
    clock,
    connection: {
      send: (message) => void said.push(message),
      sendChannel(channel, bytes, out) {
        frames.push({ channel, bytes: Buffer.from(bytes) });
        queueMicrotask(out);
      },
    },
  });
});

describe('bytes to the node', () => {
  test('arrive as they were written, in frames that it takes', async () => {
    const { stream } = await open();
    const whole = randomBytes(CHANNEL_WINDOW_BYTES - 7);
    await write(stream, whole);
    expect(frames.every(({ bytes }) => bytes.length <= MAX_CHANNEL_FRAME_BYTES)).toBe(true);
    expect(Buffer.concat(frames.map(({ bytes }) => bytes)).equals(whole)).toBe(true);
  });

  test('wait, and whoever writes them does, until the node has room', async () => {
    const { stream } = await open();
    await write(stream, randomBytes(CHANNEL_WINDOW_BYTES));
    let isDone = false;
    const more = write(stream, Buffer.from('more')).then(() => (isDone = true));
    await setImmediate();
    expect([isDone, sent()]).toEqual([false, CHANNEL_WINDOW_BYTES]);
    hear({ type: 'channel.credit', channel: 1, bytes: 3 });
    await setImmediate();
    expect([isDone, sent()]).toEqual([false, CHANNEL_WINDOW_BYTES + 3]);
    hear({ type: 'channel.credit', channel: 1, bytes: 1 });
    await more;
    expect(sent()).toBe(CHANNEL_WINDOW_BYTES + 4);
  });

  test('end with an end', async () => {
    const { stream } = await open();
    stream.end('last');
    await setImmediate();
    expect(sent()).toBe(4);
    expect(said.at(-1)).toEqual({ type: 'channel.eof', channel: 1 });
  });

  test('are dropped, and nobody waits, when the channel is over', async () => {
    const { stream } = await open();
    const stuck = write(stream, randomBytes(2 * CHANNEL_WINDOW_BYTES));
    hear({ type: 'channel.close', channel: 1 });
    await stuck;
    expect(sent()).toBeLessThanOrEqual(CHANNEL_WINDOW_BYTES);
  });
});

describe('bytes from the node', () => {
  test('are credited as they are read, and not before', async () => {
    const { stream } = await open();
    const whole = randomBytes(CHANNEL_WINDOW_BYTES);
    for (let at = 0; at < whole.length; at += MAX_CHANNEL_FRAME_BYTES)
      data(whole.subarray(at, at + MAX_CHANNEL_FRAME_BYTES));
    await setImmediate();
    expect(credited()).toBe(0);
    const read = buffer(stream);
    await setImmediate();
    expect(credited()).toBe(CHANNEL_WINDOW_BYTES);
    data(Buffer.from('and more'));
    hear({ type: 'channel.eof', channel: 1 });
    expect((await read).equals(Buffer.concat([whole, Buffer.from('and more')]))).toBe(true);
  });

  test('on the standard error are apart', async () => {
    const { stream, stderr } = await open();
    data(Buffer.from('out'));
    channels.frame({ channel: 1, stream: 'stderr', bytes: Buffer.from('err') });
    hear({ type: 'channel.close', channel: 1 });
    expect(String(await buffer(stream))).toBe('out');
    expect(String(await buffer(stderr))).toBe('err');
  });

  test('are all read when the channel has ended before', async () => {
    const { stream, ended } = await open();
    const whole = randomBytes(CHANNEL_WINDOW_BYTES);
    for (let at = 0; at < whole.length; at += MAX_CHANNEL_FRAME_BYTES)
      data(whole.subarray(at, at + MAX_CHANNEL_FRAME_BYTES));
    hear({ type: 'channel.exit', channel: 1, exit: 3, signal: null });
    hear({ type: 'channel.close', channel: 1 });
    expect(await ended).toEqual({ exit: 3, signal: null });
    expect((await buffer(stream)).equals(whole)).toBe(true);
    await setImmediate();
    expect(stream.destroyed).toBe(true);
  });
});

describe('a channel', () => {
  test('tells how its process ended, though both directions had ended before', async () => {
    const { stream, ended } = await open();
    stream.end();
    hear({ type: 'channel.eof', channel: 1 });
    await buffer(stream);
    await setImmediate();
    hear({ type: 'channel.exit', channel: 1, exit: null, signal: 'TERM' });
    hear({ type: 'channel.close', channel: 1 });
    expect(await ended).toEqual({ exit: null, signal: 'TERM' });
  });

  test('that is closed here is closed there, once, and nobody knows how its process ended', async () => {
    const { stream, ended, close } = await open();
    stream.destroy();
    close();
    expect(await ended).toBeNull();
    expect(said.filter(({ type }) => type === 'channel.close')).toEqual([
      { type: 'channel.close', channel: 1 },
    ]);
  });

  test('ends with its connection, also one that is being opened', async () => {
    const { stream, ended } = await open();
    const opening = channels.open(EXEC, never);
    channels.end();
    expect(await ended).toBeNull();
    expect(stream.destroyed).toBe(true);
    await expect(opening).rejects.toMatchObject({ code: 'node-unreachable' });
    await expect(channels.open(EXEC, never)).rejects.toMatchObject({ code: 'node-unreachable' });
  });

  test('passes on sizes and signals until it is over', async () => {
    const { resize, signal } = await open();
    resize(80, 24);
    signal('INT');
    hear({ type: 'channel.close', channel: 1 });
    resize(81, 25);
    expect(said.slice(1)).toEqual([
      { type: 'channel.resize', channel: 1, columns: 80, rows: 24 },
      { type: 'channel.signal', channel: 1, signal: 'INT' },
    ]);
  });

  test('that the node can not open is a conflict, in one plain line', async () => {
    const opening = channels.open(FORWARD, never);
    hear({ type: 'channel.failed', channel: 1, message: 'nothing\u001b[2J listens\nthere' });
    await expect(opening).rejects.toMatchObject({ code: 'conflict', message: 'nothing [2J listens there' });
  });

  test('that the node does not open in time, or nobody waits for, is closed', async () => {
    const slow = channels.open(EXEC, never);
    clock.pass(30_000);
    await expect(slow).rejects.toMatchObject({ code: 'node-unreachable' });
    const leaving = new AbortController();
    const left = channels.open(EXEC, leaving.signal);
    leaving.abort(new Error('the client has left'));
    await expect(left).rejects.toThrow('the client has left');
    expect(said.filter(({ type }) => type === 'channel.close')).toMatchObject([
      { channel: 1 },
      { channel: 2 },
    ]);
    hear({ type: 'channel.opened', channel: 1 });
  });

  test('has a number of its own, and there are only so many at a time', async () => {
    for (let count = 0; count < MAX_CHANNELS; count++) await open(EXEC, count + 1);
    await expect(channels.open(EXEC, never)).rejects.toMatchObject({ code: 'conflict' });
    hear({ type: 'channel.close', channel: 7 });
    await open(EXEC, MAX_CHANNELS + 1);
  });
});

describe('a hostile agent is found out', () => {
  const cases: [string, ChannelUse, () => void][] = [
    ['that sends more than it may', EXEC, flood],
    ['that writes to the standard error of a forwarding', FORWARD, () => errorFrame()],
    ['that tells of a process which a forwarding has not', FORWARD, () => exit()],
    ['whose process ends twice', EXEC, () => [exit(), exit()]],
    ['that goes on after its end', EXEC, () => [eof(), data(Buffer.from('x'))]],
    ['that ends twice', EXEC, () => [eof(), eof()]],
    ['that takes what it was not given', EXEC, () => hear({ type: 'channel.credit', channel: 1, bytes: 1 })],
  ];
  test.each(cases)('%s', async (_, use, act) => {
    await open(use);
    expect(act).toThrow(expect.objectContaining({ code: 'protocol-violation' }));
  });

  test('that floods channels which there are not, be it with bytes or words; a little of both is ignored', () => {
    const bytes = Buffer.alloc(1000);
    channels.frame({ channel: 99, stream: 'data', bytes });
    hear({ type: 'channel.opened', channel: 98 });
    const floods = [
      () => channels.frame({ channel: 99, stream: 'data', bytes }),
      () => hear({ type: 'channel.eof', channel: 99 }),
    ];
    for (const say of floods)
      expect(() => {
        for (let count = 0; count < 1000; count++) say();
      }).toThrow(expect.objectContaining({ code: 'protocol-violation' }));
  });

  test('while all that was on its way when a channel was closed is ignored', async () => {
    const { close } = await open();
    close();
    for (let sent = 0; sent < CHANNEL_WINDOW_BYTES; sent += 1000) data(Buffer.alloc(1000));
    exit();
    hear({ type: 'channel.close', channel: 1 });
  });
});

async function open(use = EXEC, number = 1): Promise<NodeChannel> {
  const opening = channels.open(use, never);
  expect(said.at(-1)).toEqual({ type: 'channel.open', channel: number, use });
  hear({ type: 'channel.opened', channel: number });
  return opening;
}

function hear(message: ChannelMessage): void {
  channels.message(message);
}

function data(bytes: Buffer): void {
  channels.frame({ channel: 1, stream: 'data', bytes });
}

function errorFrame(): void {
  channels.frame({ channel: 1, stream: 'stderr', bytes: Buffer.from('x') });
}

function exit(): void {
  hear({ type: 'channel.exit', channel: 1, exit: 0, signal: null });
}

function eof(): void {
  hear({ type: 'channel.eof', channel: 1 });
}

function flood(): void {
  for (let sent = 0; sent <= CHANNEL_WINDOW_BYTES; sent += MAX_CHANNEL_FRAME_BYTES)
    data(Buffer.alloc(MAX_CHANNEL_FRAME_BYTES));
}

function write(stream: NodeChannel['stream'], bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    stream.write(bytes, (error) => (error ? reject(error) : resolve())),
  );
}

function sent(): number {
  return frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function credited(): number {
  return said.reduce((sum, message) => sum + (message.type === 'channel.credit' ? message.bytes : 0), 0);
}
