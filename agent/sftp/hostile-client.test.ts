import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PACKET, STATUS } from './codes.ts';
import { MAX_PACKET_BYTES } from './limits.ts';
import { writePacket, type Field } from './packet-writer.ts';
import { createStranger, createTestClient } from './test-support.ts';

/** None of them leads out of the client's folder. */
const NAMES = [
  '',
  '.',
  'a',
  'folder',
  'folder/b',
  'link',
  '\0',
  'a\0b',
  '\xff\xfe\n',
  'x'.repeat(300),
  '1',
  '2',
];
const EXTENSIONS = [
  'posix-rename',
  'statvfs',
  'hardlink',
  'fsync',
  'lsetstat',
  'limits',
  'expand-path',
  'none',
];

const extreme32 = fc.oneof(fc.constantFrom(0, 1, 4, 8, 15, 0x80000000, 0xffffffff), fc.nat());
const extreme64 = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt(0n, 10_000n),
);
const field: fc.Arbitrary<Field> = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.constantFrom(...EXTENSIONS.map((name) => `${name}@openssh.com`)),
  extreme32,
  extreme64,
);
const kinds = fc.oneof(
  fc.constantFrom(...Object.values(PACKET).filter((type) => type !== PACKET.init)),
  fc.nat(255),
);
const request = fc.tuple(
  kinds.filter((type) => type !== PACKET.init),
  fc.array(field, { maxLength: 6 }),
  // Bytes that the packet lacks at its end.
  fc.nat(5),
);

function cut(packet: Buffer, missing: number): Buffer {
  const bytes = packet.subarray(0, Math.max(packet.length - missing, 9));
  bytes.writeUInt32BE(bytes.length - 4, 0);
  return bytes;
}

test('each request has one answer, whatever it is, and the server serves on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 20 }), async (requests) => {
      await using client = await createTestClient();
      mkdirSync(join(client.folder, 'folder'));
      writeFileSync(join(client.folder, 'a'), 'content');
      for (const [index, [type, fields, missing]] of requests.entries())
        client.stream.write(cut(writePacket(type, [index, ...fields]), missing));
      for (const index of requests.keys()) expect((await client.next()).id).toBe(index);
      expect((await client.request(PACKET.realpath, '.')).type).toBe(PACKET.name);
    }),
    { numRuns: 100 },
  );
});

test('any bytes end, and are no request that does something', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })), async (chunks) => {
      await using client = await createStranger();
      client.stream.on('error', () => undefined).resume();
      for (const chunk of chunks) client.stream.write(chunk);
      client.stream.end();
      await client.over.catch(() => undefined);
      expect(client.served.destroyed).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('a request may come byte by byte', async () => {
  await using client = await createTestClient();
  for (const byte of writePacket(PACKET.realpath, [7, '.'])) client.stream.write(Buffer.of(byte));
  const { type, id } = await client.next();
  expect([type, id]).toEqual([PACKET.name, 7]);
});

test('a request that is cut off is refused, and so is one that there is not', async () => {
  await using client = await createTestClient();
  expect(await client.status(PACKET.open, 'a')).toBe(STATUS.badMessage);
  expect(await client.status(PACKET.remove, 1000)).toBe(STATUS.badMessage);
  expect(await client.status(PACKET.mkdir, 'a\0b', 0)).toBe(STATUS.badMessage);
  expect(await client.status(99)).toBe(STATUS.unsupported);
  expect(await client.status(PACKET.extended, 'none@openssh.com')).toBe(STATUS.unsupported);
});

test.each([
  ['is longer than a packet may be', lengthOnly(MAX_PACKET_BYTES + 1)],
  ['is empty', lengthOnly(0)],
  ['has no number', Buffer.from([0, 0, 0, 2, PACKET.stat, 0])],
  ['greets again', writePacket(PACKET.init, [3])],
])('a packet that %s ends the session', async (_, bytes) => {
  await using client = await createTestClient();
  client.stream.on('error', () => undefined).write(bytes);
  await expect(client.over).rejects.toThrow('the SFTP client');
  expect(client.served.destroyed).toBe(true);
});

test('who does not greet is not served', async () => {
  await using client = await createStranger();
  client.stream.on('error', () => undefined).write(writePacket(PACKET.mkdir, [1, 'a', 0]));
  await expect(client.over).rejects.toThrow('greeted');
});

function lengthOnly(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}
