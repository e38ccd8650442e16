import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createZstdCompress, zstdCompressSync } from 'node:zlib';
import { asyncProperty, assert, integer, uint8Array, array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeekableWriter, readBetween, readSeekTable, type ReadRange } from './index.ts';

const { signal } = new AbortController();

async function compress(pieces: readonly Uint8Array[], frameBytes: number): Promise<Buffer> {
  const written: Buffer[] = [];
  const writer = createSeekableWriter((piece) => void written.push(piece), { frameBytes, level: 3 });
  for (const piece of pieces) await writer.write(piece);
  const bytes = await writer.end();
  const object = Buffer.concat(written);
  expect(object).toHaveLength(bytes);
  return object;
}

/** Reads of the object in memory, in pieces of a few bytes, and what they came to. */
function reader(object: Buffer): { read: ReadRange; reads: [offset: number, length: number][] } {
  const reads: [number, number][] = [];
  async function* read(offset: number, length: number): AsyncGenerator<Buffer> {
    reads.push([offset, length]);
    for (let at = offset; at < offset + length; at += 7001)
      yield object.subarray(at, Math.min(at + 7001, offset + length));
  }
  return { read, reads };
}

async function readAll(object: Buffer, from = 0, to = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const { read } = reader(object);
  const table = await readSeekTable(read, object.length, signal);
  return Buffer.concat(await Array.fromAsync(readBetween(table, from, to, read, signal)));
}

function table(frames: [compressed: number, bytes: number][], count = frames.length, descriptor = 0): Buffer {
  const entries = Buffer.alloc(8 + frames.length * 8 + 9);
  entries.writeUInt32LE(0x184d2a5e, 0);
  entries.writeUInt32LE(entries.length - 8, 4);
  frames.forEach(([compressed, bytes], index) => {
    entries.writeUInt32LE(compressed, 8 + index * 8);
    entries.writeUInt32LE(bytes, 12 + index * 8);
  });
  entries.writeUInt32LE(count, entries.length - 9);
  entries.writeUInt8(descriptor, entries.length - 5);
  entries.writeUInt32LE(0x8f92eab1, entries.length - 4);
  return entries;
}

describe('what was written', () => {
  test('is read from anywhere to anywhere, however it came', async () => {
    await assert(
      asyncProperty(
        array(uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        integer({ min: 1, max: 200 }),
        integer({ min: -5, max: 2500 }),
        integer({ min: 0, max: 2500 }),
        async (pieces, frameBytes, from, length) => {
          const whole = Buffer.concat(pieces);
          const object = await compress(pieces, frameBytes);
          const expected = whole.subarray(Math.max(from, 0), Math.max(from + length, 0));
          expect(await readAll(object, from, from + length)).toEqual(expected);
        },
      ),
    );
  });

  test('is all there, over frames and groups of them', async () => {
    const noise = Buffer.alloc(9_000_000);
    for (let i = 0; i < noise.length; i++) noise[i] = (i * i) % 251;
    const object = await compress([noise], 1024 * 1024);
    expect((await readAll(object)).equals(noise)).toBe(true);
  });

  test('keeps nothing of what it was given', async () => {
    const piece = Buffer.from('before');
    const written: Buffer[] = [];
    const writer = createSeekableWriter((bytes) => void written.push(bytes), { frameBytes: 100, level: 1 });
    await writer.write(piece);
    piece.fill('x');
    await writer.end();
    expect((await readAll(Buffer.concat(written))).toString()).toBe('before');
  });
});

test('one place in a big object costs the end and a frame', async () => {
  const lines = Buffer.from(Array.from({ length: 500_000 }, (_, line) => `line ${line}\n`).join(''));
  const object = await compress([lines], 64 * 1024);
  const { read, reads } = reader(object);
  const found = await readSeekTable(read, object.length, signal);
  expect(found.bytes).toBe(lines.length);
  const at = 3_000_000;
  const [piece] = await Array.fromAsync(readBetween(found, at, at + 20, read, signal));
  expect(piece).toEqual(lines.subarray(at, at + 20));
  expect(reads).toHaveLength(2);
  expect(reads[1]?.[1]).toBeLessThan(64 * 1024);
});

test('a table that is longer than what is read first is read in whole', async () => {
  const frame = zstdCompressSync(Buffer.from('ab'));
  const frames = Array.from({ length: 8500 }, () => frame);
  const object = Buffer.concat([...frames, table(frames.map(({ length }) => [length, 2]))]);
  expect((await readAll(object, 0, 3)).toString()).toBe('aba');
  expect((await readAll(object, 16_997)).toString()).toBe('bab');
});

describe('a table that lies', () => {
  const frame = zstdCompressSync(Buffer.alloc(1000, 'a'));
  const mebibyte = Buffer.alloc(1024 * 1024);

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no table', Buffer.alloc(100)],
    ['a plain frame', zstdCompressSync(Buffer.alloc(1000))],
    ['more frames than it has', Buffer.concat([frame, table([[frame.length, 1000]], 2)])],
    ['too many frames', table([], 0xff_ff_ff_ff)],
    ['an unknown kind', Buffer.concat([frame, table([[frame.length, 1000]], 1, 0x10)])],
    ['frames that end early', Buffer.concat([frame, table([[frame.length - 1, 1000]])])],
    ['frames beyond the object', Buffer.concat([frame, table([[frame.length + 1, 1000]])])],
    ['a frame of two gigabytes', Buffer.concat([frame, table([[frame.length, 2 ** 31]])])],
    ['a frame that holds more', Buffer.concat([frame, table([[frame.length, 999]])])],
    ['a frame that holds less', Buffer.concat([frame, table([[frame.length, 1001]])])],
    ['what is no frame', Buffer.concat([Buffer.alloc(10), table([[10, 1000]])])],
  ])('%s', async (_, object) => {
    await expect(readAll(object)).rejects.toMatchObject({ code: 'request-invalid' });
  });

  test('about a frame that grows beyond all bounds makes nobody hold it', async () => {
    // In pieces: half a gigabyte of garbage, collected meanwhile, would hide as much that is held.
    const zeros = Array.from({ length: 512 }, () => mebibyte);
    const bomb = await buffer(Readable.from(zeros).pipe(createZstdCompress()));
    const object = Buffer.concat([bomb, table([[bomb.length, 1000]])]);
    const before = process.memoryUsage().arrayBuffers;
    await expect(readAll(object)).rejects.toMatchObject({ code: 'request-invalid' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});

test('an object that ends while it is read is no short answer', async () => {
  const object = await compress([Buffer.alloc(10_000, 'a')], 1000);
  const { read } = reader(object);
  const found = await readSeekTable(read, object.length, signal);
  const short: ReadRange = (offset, length, given) => read(offset, length - 1, given);
  await expect(Array.fromAsync(readBetween(found, 0, 10, short, signal))).rejects.toThrow('ends before');
});
