import { randomBytes } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import type { ArtifactFile } from '#shared/protocol';
import { answerCollection, collected, COLLECT, named } from '#test/agent-artifact';
import { answerFetch, FETCH, fetched, fileOf } from '#test/agent-fetch';
import { connectAgent } from '#test/agent-fixture';
import { buildAgent } from '#test/agent-process';
import { startObjectServer } from '#test/object-server';

beforeAll(buildAgent);

/** One agent that has made an archive, and what it takes for the next one to fetch it. */
async function start() {
  const storage = await startObjectServer();
  const node = await connectAgent();
  const { peer } = node;
  answerCollection({ peer, storage, partBytes: 2 ** 30 });
  const script = `mkdir -p out/sub; cd out; head -c 9000000 /dev/urandom > big; : > empty; ln -s sub/small link
    printf small > sub/small; chmod 755 sub/small; seq 100000 > text`;
  await peer.run({ script });
  peer.send({ ...COLLECT, archive: true });
  await collected(peer);
  const files = named(peer);
  const object = storage.objects.get('/archive') ?? Buffer.alloc(0);
  const sha256 = fileOf('archive', object).sha256;
  const archive = { request: storage.request('GET', '/archive'), bytes: object.length, sha256 };
  storage.requests.length = 0;
  return {
    ...node,
    storage,
    files,
    order: { ...FETCH, archive },
    into: join(node.workspace, 'in'),
    answer: (list: ArtifactFile[] = files) =>
      answerFetch({ peer, storage, files: list, page: 2, archive: true }),
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await storage.close();
    },
  };
}

test('an archive is unpacked while it comes, over broken downloads and lost connections', async () => {
  await using node = await start();
  const { peer, storage, order, into, workspace } = node;
  const answer = node.answer();
  let asked = 0;
  peer.onMessage = (message) => {
    if (message.type === 'hello') peer.send(order);
    else if (message.type === 'fetch.next' && ++asked === 2) peer.cut();
    else answer(message);
  };
  storage.trouble.push(500, 'cut', 'cut');
  peer.send(order);
  expect(await fetched(peer)).toMatchObject({ files: 5 });
  expect((await fetched(peer)).problem).toBeUndefined();
  for (const path of ['big', 'text', 'empty', 'sub/small'])
    expect(
      (await readFile(join(into, 'out', path))).equals(await readFile(join(workspace, 'out', path))),
    ).toBe(true);
  expect(await readlink(join(into, 'out/link'))).toBe('sub/small');
  const { log } = await peer.run({ script: 'stat -c %a in/out/sub/small; ls -A in in/out in/out/sub' });
  expect(log.toString()).toBe(
    '755\nin:\nout\n\nin/out:\nbig\nempty\nlink\nsub\ntext\n\nin/out/sub:\nsmall\n',
  );
  expect(storage.requests.at(-1)?.range).toMatch(/^bytes=[1-9]/);
});

test('a file that is not what was promised never appears', async () => {
  await using node = await start();
  node.answer(
    node.files.map((file) => (file.path === 'out/text' ? { ...file, sha256: '0'.repeat(64) } : file)),
  );
  node.peer.send(node.order);
  expect((await fetched(node.peer)).problem).toBe('out/text has not the promised SHA-256');
  expect(await readdir(join(node.into, 'out'))).not.toContain('text');
});

test.each([
  ['what is no archive', randomBytes(100_000), 'the archive is damaged'],
  [
    'an archive of nothing but zeros, without end',
    zstdCompressSync(Buffer.alloc(2 ** 28)),
    'is not where the archive',
  ],
  ['an archive that ends early', zstdCompressSync(Buffer.alloc(1000)), 'ends before its last file'],
])('%s is a problem', async (what, object, problem) => {
  await using node = await start();
  node.storage.objects.set('/archive', object);
  node.answer(
    what.includes('zeros')
      ? node.files.map((file) =>
          file.offset === undefined ? file : { ...file, offset: file.offset + 2 ** 27 },
        )
      : node.files,
  );
  const archive = { ...node.order.archive, bytes: object.length };
  node.peer.send({ ...node.order, archive });
  expect((await fetched(node.peer)).problem).toMatch(problem);
});
