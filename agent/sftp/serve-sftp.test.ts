import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKET, STATUS } from './codes.ts';
import { MAX_DATA_BYTES, MAX_HANDLES, MAX_WAITING_BYTES } from './limits.ts';
import { writePacket } from './packet-writer.ts';
import { createTestClient, NO_ATTRIBUTES, type Reply, type TestClient } from './test-support.ts';

const READ = 1;
const WRITE = 2;
const APPEND = 4;
const CREATE = 8;
const TRUNCATE = 16;
const EXCLUSIVE = 32;

async function open(client: TestClient, name: string, flags: number): Promise<string> {
  const reply = await client.request(PACKET.open, name, flags, NO_ATTRIBUTES);
  expect(reply.type).toBe(PACKET.handle);
  return reply.fields.text();
}

function nameOf({ type, fields }: Reply): string {
  expect([type, fields.u32()]).toEqual([PACKET.name, 1]);
  return fields.text();
}

/** Files below the client's folder that this process has open. */
function openFiles({ folder }: TestClient): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    })
    .filter((path) => path.startsWith(folder));
}

test('a file is written in pieces, anywhere, and read back', async () => {
  await using client = await createTestClient();
  const handle = await open(client, 'sparse', READ | WRITE | CREATE | TRUNCATE);
  expect(await client.status(PACKET.write, handle, 10_000_000_000n, 'end')).toBe(STATUS.ok);
  expect(await client.status(PACKET.write, handle, 0n, 'start')).toBe(STATUS.ok);
  const { size, blocks } = statSync(join(client.folder, 'sparse'));
  expect(size).toBe(10_000_000_003);
  expect(blocks).toBeLessThan(100);
  const reply = await client.request(PACKET.read, handle, 10_000_000_001n, 100);
  expect(reply.fields.text()).toBe('nd');
  expect(await client.status(PACKET.read, handle, 10_000_000_003n, 100)).toBe(STATUS.endOfFile);
  expect(await client.status(PACKET.close, handle)).toBe(STATUS.ok);
  expect(await client.status(PACKET.read, handle, 0n, 100)).toBe(STATUS.failure);
});

test('files are opened as the flags say', async () => {
  await using client = await createTestClient();
  const path = join(client.folder, 'file');
  writeFileSync(path, 'old');
  const appended = await open(client, 'file', WRITE | APPEND);
  await client.status(PACKET.write, appended, 0n, 'er');
  expect(readFileSync(path, 'utf8')).toBe('older');
  expect(await client.status(PACKET.read, appended, 0n, 1)).toBe(STATUS.noSuchFile);
  const exclusive = WRITE | CREATE | EXCLUSIVE;
  expect(await client.status(PACKET.open, 'file', exclusive, NO_ATTRIBUTES)).toBe(STATUS.failure);
  expect(await client.status(PACKET.open, 'missing', WRITE, NO_ATTRIBUTES)).toBe(STATUS.noSuchFile);
  await open(client, 'file', WRITE | TRUNCATE);
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('a rename replaces nothing, unless the client asks for it', async () => {
  await using client = await createTestClient();
  const { folder } = client;
  for (const name of ['from', 'to']) writeFileSync(join(folder, name), name);
  for (const name of ['folder', 'other']) mkdirSync(join(folder, name));
  expect(await client.status(PACKET.rename, 'from', 'to')).toBe(STATUS.failure);
  expect(await client.status(PACKET.rename, 'folder', 'other')).toBe(STATUS.failure);
  expect(await client.status(PACKET.rename, 'missing', 'new')).toBe(STATUS.noSuchFile);
  expect(readdirSync(folder).sort()).toEqual(['folder', 'from', 'other', 'to']);
  expect(await client.status(PACKET.rename, 'folder', 'moved')).toBe(STATUS.ok);
  expect(await client.status(PACKET.rename, 'to', 'moved/to')).toBe(STATUS.ok);
  expect(await client.status(PACKET.extended, 'posix-rename@openssh.com', 'from', 'moved/to')).toBe(
    STATUS.ok,
  );
  expect(readdirSync(folder).sort()).toEqual(['moved', 'other']);
  expect(readFileSync(join(folder, 'moved/to'), 'utf8')).toBe('from');
});

test('names are completed, with a home for ~', async () => {
  await using client = await createTestClient();
  const { folder } = client;
  expect(nameOf(await client.request(PACKET.realpath, '.'))).toBe(folder);
  expect(nameOf(await client.request(PACKET.realpath, './new'))).toBe(join(folder, 'new'));
  expect(await client.status(PACKET.realpath, 'missing/new')).toBe(STATUS.noSuchFile);
  const expand = (name: string) => client.request(PACKET.extended, 'expand-path@openssh.com', name);
  expect(nameOf(await expand('~/x'))).toBe(join(homedir(), 'x'));
  expect(nameOf(await expand('~root'))).toBe('/root');
  expect(nameOf(await expand('x~'))).toBe(join(folder, 'x~'));
  expect((await expand('~nobody-has-this-name/x')).fields.u32()).toBe(STATUS.noSuchFile);
});

test('a link has times and an owner of its own, and no permissions', async () => {
  await using client = await createTestClient();
  const target = join(client.folder, 'target');
  writeFileSync(target, '');
  const before = statSync(target);
  expect(await client.status(PACKET.symlink, 'target', 'link')).toBe(STATUS.ok);
  expect(nameOf(await client.request(PACKET.readlink, 'link'))).toBe('target');
  const set = (...attributes: number[]) =>
    client.status(PACKET.extended, 'lsetstat@openssh.com', 'link', ...attributes);
  expect(await set(8, 1000, 2000)).toBe(STATUS.ok);
  expect(await set(4, 0o600)).toBe(STATUS.unsupported);
  const { fields } = await client.request(PACKET.lstat, 'link');
  const [, , , , mode, accessed, modified] = [
    fields.u32(),
    fields.size(),
    ...Array.from({ length: 5 }, fields.u32),
  ];
  expect([mode, accessed, modified]).toEqual([0o120777, 1000, 2000]);
  expect(statSync(target)).toMatchObject({ mode: before.mode, mtimeMs: before.mtimeMs });
});

test('a pipe that nobody else has open, and what is no file, delay nobody', async () => {
  await using client = await createTestClient();
  execFileSync('mkfifo', [join(client.folder, 'pipe')]);
  for (let count = 0; count < 5; count++) {
    expect(await client.status(PACKET.open, 'pipe', WRITE, NO_ATTRIBUTES)).toBe(STATUS.failure);
    expect(await client.status(PACKET.setstat, 'pipe', 1, 0n)).toBe(STATUS.failure);
    const handle = await open(client, 'pipe', READ);
    expect(await client.status(PACKET.read, handle, 0n, 1)).toBe(STATUS.failure);
    await client.status(PACKET.close, handle);
  }
  const folder = await open(client, '.', READ);
  expect(await client.status(PACKET.read, folder, 0n, 1)).toBe(STATUS.failure);
  expect(await client.status(PACKET.readdir, folder)).toBe(STATUS.failure);
});

test('as many files as may be are open, and none when the client has gone', async () => {
  await using client = await createTestClient();
  writeFileSync(join(client.folder, 'file'), '');
  for (let count = 1; count < MAX_HANDLES; count++) await open(client, 'file', READ);
  const listing = (await client.request(PACKET.opendir, '.')).fields.text();
  expect(await client.status(PACKET.open, 'file', READ, NO_ATTRIBUTES)).toBe(STATUS.failure);
  expect(await client.status(PACKET.close, listing)).toBe(STATUS.ok);
  await open(client, 'file', READ);
  expect(openFiles(client)).toHaveLength(MAX_HANDLES);
  client.stream.resume().end();
  await client.over;
  expect(openFiles(client)).toEqual([]);
});

test('a server that is told to end closes what is open', async () => {
  await using client = await createTestClient();
  await open(client, 'file', WRITE | CREATE);
  client.abort();
  await expect(client.over).rejects.toThrow();
  expect(openFiles(client)).toEqual([]);
  expect(client.served.destroyed).toBe(true);
});

test('a client that takes no answers has only so many made', async () => {
  await using client = await createTestClient();
  const file = join(client.folder, 'file');
  writeFileSync(file, Buffer.alloc(MAX_DATA_BYTES));
  const handle = await open(client, 'file', READ);
  const count = 40;
  for (let id = 0; id < count; id++)
    client.stream.write(writePacket(PACKET.read, [id, handle, 0n, MAX_DATA_BYTES]));
  // As much as all answers take, and more.
  for (let id = 0; id < 4 * count; id++) await readFile(file);
  expect(client.served.writableLength).toBeGreaterThan(MAX_WAITING_BYTES / 2);
  expect(client.served.writableLength).toBeLessThan(MAX_WAITING_BYTES + 2 * MAX_DATA_BYTES);
  for (let id = 0; id < count; id++) {
    const reply = await client.next();
    expect([reply.type, reply.id, reply.fields.u32()]).toEqual([PACKET.data, id, MAX_DATA_BYTES]);
  }
});

test('a folder is listed while it is being emptied', async () => {
  await using client = await createTestClient();
  const { folder } = client;
  for (let number = 0; number < 250; number++) writeFileSync(join(folder, `file ${number}`), '');
  const handle = (await client.request(PACKET.opendir, '.')).fields.text();
  const first = await client.request(PACKET.readdir, handle);
  expect([first.type, first.fields.u32()]).toEqual([PACKET.name, 100]);
  await Promise.all(readdirSync(folder).map((name) => rm(join(folder, name))));
  expect(await client.status(PACKET.readdir, handle)).toBe(STATUS.endOfFile);
});
