import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ArtifactFile } from '#shared/protocol';
import { answerFetch, FETCH, fetched, fileOf, linkOf } from '#test/agent-fetch';
import { connectAgent } from '#test/agent-fixture';
import { buildAgent } from '#test/agent-process';
import { startObjectServer } from '#test/object-server';

beforeAll(buildAgent);

async function start(contents: Record<string, string | Buffer>, more: ArtifactFile[] = [], page?: number) {
  const storage = await startObjectServer();
  const node = await connectAgent();
  for (const [path, content] of Object.entries(contents))
    storage.objects.set(`/${path}`, Buffer.from(content));
  const files = [...Object.entries(contents).map(([path, content]) => fileOf(path, content)), ...more];
  const answer = answerFetch({ peer: node.peer, storage, files, ...(page !== undefined && { page }) });
  return {
    ...node,
    storage,
    files,
    answer,
    into: join(node.workspace, 'in'),
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await storage.close();
    },
  };
}

test('files arrive with their contents, permissions and links, in the place of what was there', async () => {
  const more = [fileOf('z/run', 'echo hi', { mode: 0o755 }), linkOf('link', 'z/run')];
  await using node = await start({ 'a ü': 'one', 'b/c': 'two', empty: '' }, more);
  const { peer, storage, into } = node;
  storage.objects.set('/z/run', Buffer.from('echo hi'));
  await mkdir(into);
  await writeFile(join(into, 'a ü'), 'was here before', { mode: 0o600 });
  peer.send(FETCH);
  expect(await fetched(peer)).toEqual({ type: 'fetch.finished', fetch: 'fetch-1', files: 5, bytes: 13 });
  expect(await readFile(join(into, 'a ü'), 'utf8')).toBe('one');
  expect(await readFile(join(into, 'b/c'), 'utf8')).toBe('two');
  expect(await readFile(join(into, 'empty'), 'utf8')).toBe('');
  expect((await stat(join(into, 'z/run'))).mode & 0o777).toBe(0o755);
  expect((await stat(join(into, 'a ü'))).mode & 0o777).toBe(0o644);
  expect(await readlink(join(into, 'link'))).toBe('z/run');
  expect((await readdir(into)).sort()).toEqual(['a ü', 'b', 'empty', 'link', 'z']);
});

test('many files come in pages, over lost connections too, each once', async () => {
  const contents = Object.fromEntries(
    Array.from({ length: 90 }, (_, at) => [`folder ${Math.floor(at / 40)}/f${100 + at}`, `content ${at}`]),
  );
  await using node = await start(contents, [], 20);
  const { peer, storage, into, answer } = node;
  let asked = 0;
  peer.onMessage = (message) => {
    if (message.type === 'hello') peer.send(FETCH);
    else if (message.type === 'fetch.next' && ++asked % 2 === 0) peer.cut();
    else answer(message);
  };
  peer.send(FETCH);
  expect(await fetched(peer)).toMatchObject({ files: 90 });
  const arrived = await readdir(into, { recursive: true, withFileTypes: true });
  expect(arrived.filter((entry) => entry.isFile())).toHaveLength(90);
  expect(storage.requests).toHaveLength(90);
  const before = peer.messages.length;
  peer.cut();
  await peer.until(() => peer.messages.slice(before).some(({ type }) => type === 'fetch.finished'));
  expect(storage.requests).toHaveLength(90);
});

test('a download that breaks off goes on where it was, and expired requests are renewed', async () => {
  const content = randomBytes(8_000_000);
  await using node = await start({ big: content });
  const { peer, storage, into } = node;
  storage.trouble.push(503, 'cut', 403, 'cut');
  peer.send(FETCH);
  expect((await fetched(peer)).problem).toBeUndefined();
  expect((await readFile(join(into, 'big'))).equals(content)).toBe(true);
  const starts = storage.requests.map(({ range }) => Number(/\d+/.exec(range ?? '')?.[0] ?? 0));
  expect(starts.at(-1)).toBeGreaterThan(0);
  expect(starts.toSorted((one, other) => one - other)).toEqual(starts);
});

test('what has another digest never appears', async () => {
  await using node = await start({ a: 'promised', b: 'fine' });
  node.storage.objects.set('/a', Buffer.from('replaced'));
  node.peer.send(FETCH);
  expect((await fetched(node.peer)).problem).toBe(
    'a could not be fetched: its SHA-256 is not the promised one',
  );
  expect(await readdir(node.into)).not.toContain('a');
});

test.each(['longer', 'shorter'])('what is %s than promised never appears', async (how) => {
  await using node = await start({ a: 'promised' });
  node.storage.objects.set('/a', Buffer.from(how === 'longer' ? 'promised and more' : 'prom'));
  node.peer.send(FETCH);
  expect((await fetched(node.peer)).problem).toMatch(
    /^a could not be fetched: .* bytes came that were promised$/,
  );
  expect(await readdir(node.into)).toEqual([]);
});

describe('nothing is written elsewhere', () => {
  test('through a link that is in the way', async () => {
    await using node = await start({ 'folder/a': 'evil' });
    await mkdir(join(node.folder, 'elsewhere'));
    await mkdir(node.into);
    await symlink(join(node.folder, 'elsewhere'), join(node.into, 'folder'));
    node.peer.send(FETCH);
    expect((await fetched(node.peer)).problem).toContain('folder, which is no folder');
    expect(await readdir(join(node.folder, 'elsewhere'))).toEqual([]);
  });

  test('through a link in the place of the file, nor through one to the whole place', async () => {
    await using node = await start({ a: 'new' });
    const elsewhere = join(node.folder, 'elsewhere');
    await writeFile(elsewhere, 'old');
    await mkdir(node.into);
    await symlink(elsewhere, join(node.into, 'a'));
    node.peer.send(FETCH);
    expect((await fetched(node.peer)).problem).toBeUndefined();
    expect(await readFile(elsewhere, 'utf8')).toBe('old');
    expect(await readFile(join(node.into, 'a'), 'utf8')).toBe('new');
    node.peer.messages.length = 0;
    await symlink(node.folder, join(node.workspace, 'other'));
    node.peer.send({ ...FETCH, fetch: 'fetch-2', path: 'other' });
    expect((await fetched(node.peer)).problem).toContain('other, which is no folder');
    expect(await readdir(node.folder)).not.toContain('a');
  });

  test.each([
    ['by its words', [linkOf('out', '../../root')]],
    ['by way of others', [linkOf('a', 'd/e/f'), linkOf('b', 'a/../../../..')]],
  ])('a link that leads there %s is none', async (_, links) => {
    await using node = await start({ 'd/e/f/g': 'x' }, links);
    node.peer.send(FETCH);
    expect((await fetched(node.peer)).problem).toContain('is a link that leads outside');
    const last = links.at(-1)?.path ?? '';
    expect(await readdir(node.into)).not.toContain(last);
  });

  test('a link whose words stay inside and that really leads outside is none', async () => {
    const links = [linkOf('d/e/up', '../..'), linkOf('x', 'd/e/up/../..')];
    await using node = await start({ 'd/e/f': 'x' }, links);
    node.peer.send(FETCH);
    expect((await fetched(node.peer)).problem).toBe('x is a link that leads outside');
    expect(await readdir(node.into)).not.toContain('x');
  });
});
