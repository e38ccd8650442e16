import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readBetween, readSeekTable, type ReadRange } from '#shared/seekable';
import { answerCollection, collected, COLLECT, joined, named } from '#test/agent-artifact';
import { connectAgent } from '#test/agent-fixture';
import { buildAgent } from '#test/agent-process';
import { startObjectServer } from '#test/object-server';

const ORDER = { ...COLLECT, archive: true };
const { signal } = new AbortController();

beforeAll(buildAgent);

async function start(partBytes = 2 ** 30) {
  const storage = await startObjectServer();
  const node = await connectAgent();
  const answer = answerCollection({ peer: node.peer, storage, partBytes });
  return {
    ...node,
    storage,
    answer,
    spool: join(node.folder, 'root/spool'),
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await storage.close();
    },
  };
}

test('an archive is what tar and zstd read: names, permissions, times and links', async () => {
  await using node = await start();
  const { peer, storage, folder, workspace } = node;
  const long = `out/${'deep/'.repeat(30)}file with a long name`;
  await peer.run({
    script: `mkdir -p 'out/${'deep/'.repeat(30)}' out/sub; cd out; printf abc > plain; chmod 750 plain
      touch -d 2001-02-03T04:05:06Z plain; : > empty; printf über > 'ünï côde'; ln -s plain link
      ln -s sub folder-link; printf long > '../${long}'; printf x > sub/.hidden; ln -s /etc/passwd evil`,
  });
  peer.send(ORDER);
  expect(await collected(peer)).toMatchObject({
    files: 7,
    note: 'left out, since they lead nowhere or outside: out/evil',
  });
  const into = join(folder, 'into');
  await mkdir(into);
  const object = storage.objects.get('/archive') ?? Buffer.alloc(0);
  await writeFile(join(folder, 'archive.tar.zst'), object);
  execFileSync('sh', ['-c', 'zstd -qdc ../archive.tar.zst | tar x'], { cwd: into });
  const listing =
    'cd out; find . ! -type d ! -name evil -printf "%p %m %s %l %Ts\\n" | sort; cat ./plain "ünï côde"';
  expect(list(into)).toBe(list(workspace));
  const told = peer.messages.find((message) => message.type === 'artifact.archive');
  expect(told).toMatchObject({ bytes: object.length, sha256: sha256(object) });

  function list(cwd: string): string {
    return execFileSync('sh', ['-c', listing], { cwd }).toString();
  }
});

test('each file is found in it by its place, without reading the others', async () => {
  await using node = await start();
  const { peer, storage } = node;
  await peer.run({ script: 'mkdir out; cd out; for n in 1 2 3 4 5 6; do seq $n$n 200000 > f$n; done' });
  peer.send(ORDER);
  await collected(peer);
  const object = storage.objects.get('/archive') ?? Buffer.alloc(0);
  let read = 0;
  async function* range(offset: number, length: number): AsyncGenerator<Buffer> {
    read += length;
    yield object.subarray(offset, offset + length);
  }
  const table = await readSeekTable(range satisfies ReadRange, object.length, signal);
  const file = named(peer).find(({ path }) => path === 'out/f4');
  const { offset = 0, bytes = 0, sha256: digest } = file ?? {};
  const pieces = await Array.fromAsync(readBetween(table, offset, offset + bytes, range, signal));
  expect(sha256(Buffer.concat(pieces))).toBe(digest);
  expect(read).toBeLessThan(object.length);
});

test('an archive comes in parts, is written once however often the connection is lost, and goes with the ack', async () => {
  await using node = await start(20_000);
  const { peer, storage, answer, spool } = node;
  await peer.run({ script: 'mkdir out; head -c 2000000 /dev/urandom > out/noise' });
  let asked = 0;
  peer.onMessage = (message) => {
    if (message.type === 'hello') peer.send(ORDER);
    else if (message.type === 'artifact.parts' && ++asked % 3 === 0) peer.cut();
    else answer(message);
  };
  peer.send(ORDER);
  expect((await collected(peer)).problem).toBeUndefined();
  const told = peer.messages.filter((message) => message.type === 'artifact.archive');
  const [{ bytes, sha256: digest }] = told as [(typeof told)[0]];
  expect(new Set(told.map((message) => message.sha256)).size).toBe(1);
  const object = joined(storage, 'archive', Math.ceil(bytes / 20_000));
  expect(sha256(object)).toBe(digest);
  expect(await readdir(spool)).toContain('archive-artifact-1');
  peer.send({ type: 'artifact.ack', artifact: 'artifact-1' });
  await peer.run({ script: 'true' });
  await expect.poll(() => readdir(spool)).not.toContain('archive-artifact-1');
});

test('of nothing there is no archive', async () => {
  await using node = await start();
  node.peer.send(ORDER);
  expect(await collected(node.peer)).toEqual({ type: 'artifact.finished', artifact: 'artifact-1', files: 0 });
  expect(node.storage.requests).toEqual([]);
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
