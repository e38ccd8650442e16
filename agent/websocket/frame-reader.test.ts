import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameReader, type Received } from './frame-reader.ts';

/** A frame as a server sends it. */
function frame(head: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = head;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

function readAll(chunks: Buffer[]): [number, string][] {
  const read = createFrameReader(100_000);
  return chunks.flatMap(read).map(({ opcode, payload }: Received) => [opcode, payload.toString('latin1')]);
}

const TEXT = 0x81;
const PING = 0x89;

test('messages of any length arrive however they are cut', () => {
  const lengths = fc.array(fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000), {
    minLength: 1,
    maxLength: 3,
  });
  const sizes = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lengths, sizes, (payloads, cuts) => {
      const expected = payloads.map((length, index) => 'abc'.charAt(index).repeat(length));
      const wire = Buffer.concat(expected.map((text) => frame(TEXT, Buffer.from(text))));
      const at = [0, ...cuts.map((cut) => cut % wire.length).sort((one, other) => one - other), wire.length];
      const chunks = at.slice(1).map((end, index) => wire.subarray(at[index], end));
      expect(readAll(chunks)).toEqual(expected.map((text) => [1, text]));
    }),
    { numRuns: 50 },
  );
});

test('fragments become one message, with a ping between them', () => {
  const wire = [
    frame(0x01, Buffer.from('a')),
    frame(PING, Buffer.from('p')),
    frame(0x00, Buffer.from('b')),
    frame(0x80, Buffer.from('c')),
  ];
  expect(readAll(wire)).toEqual([
    [9, 'p'],
    [1, 'abc'],
  ]);
});

test.each([
  ['is masked', Buffer.from([0x81, 0x80, 0, 0, 0, 0]), 'masked'],
  ['uses an extension', Buffer.from([0xc1, 0]), 'extension'],
  ['continues nothing', frame(0x80, Buffer.from('a')), 'out of order'],
  [
    'begins within another',
    Buffer.concat([frame(0x01, Buffer.from('a')), frame(TEXT, Buffer.from('b'))]),
    'out of order',
  ],
  ['is too long', frame(TEXT, Buffer.alloc(100_001)), 'more than'],
  ['is a long ping', frame(PING, Buffer.alloc(126)), 'too long'],
])('a frame that %s ends the connection', (_, wire, reason) => {
  expect(() => readAll([wire])).toThrow(reason);
});
