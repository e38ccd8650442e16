import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { AgentMessageOf } from '#shared/protocol';
import { connectAgent } from '#test/agent-fixture';
import type { AgentPeer } from '#test/agent-peer';
import { buildAgent } from '#test/agent-process';

beforeAll(buildAgent);

const ORDER = {
  type: 'artifact.collect' as const,
  root: 'workspace' as const,
  artifact: 'artifact-1',
  paths: ['out'],
  exclude: [],
  archive: false,
  maxFiles: 1000,
  maxBytes: 2 ** 30,
};

/** Answers each list of files with a place for each, as a controller does. */
function answerFiles(peer: AgentPeer): void {
  peer.onMessage = (message) => {
    if (message.type !== 'artifact.files') return;
    const puts = message.files.map(({ path }) => ({
      path,
      request: {
        method: 'PUT' as const,
        url: `/blobs/${encodeURI(path)}?sig=1`,
        headers: { 'x-checked': 'yes' },
      },
    }));
    peer.send({ type: 'artifact.put', artifact: message.artifact, puts });
  };
}

async function ended(peer: AgentPeer, after = 0): Promise<AgentMessageOf<'artifact.finished'>> {
  const found = () => peer.messages.slice(after).find((message) => message.type === 'artifact.finished');
  await peer.until(() => found() !== undefined);
  return found() as AgentMessageOf<'artifact.finished'>;
}

test('files are named with their digests, and stored', async () => {
  await using node = await connectAgent();
  answerFiles(node.peer);
  await node.peer.run({
    script:
      'mkdir -p "out/de ep"; printf abc > out/a; printf x > "out/de ep/ü"; : > out/empty; chmod 750 out/a',
  });
  node.peer.send(ORDER);
  expect(await ended(node.peer)).toEqual({ type: 'artifact.finished', artifact: 'artifact-1', files: 3 });
  const named = node.peer.messages.find((message) => message.type === 'artifact.files');
  expect(named).toMatchObject({
    files: [
      { path: 'out/a', bytes: 3, sha256: createHash('sha256').update('abc').digest('hex'), mode: 0o750 },
      { path: 'out/de ep/ü', bytes: 1 },
      { path: 'out/empty', bytes: 0 },
    ],
  });
  expect(node.peer.blobs.get('/blobs/out/a?sig=1')?.toString()).toBe('abc');
  expect(node.peer.blobs.get('/blobs/out/empty?sig=1')?.length).toBe(0);
  expect(node.peer.blobs.size).toBe(3);
});

test('more files than one message names come in several', async () => {
  await using node = await connectAgent();
  answerFiles(node.peer);
  await node.peer.run({ script: 'mkdir out; cd out; seq 300 | while read n; do echo $n > f$n; done' });
  node.peer.send(ORDER);
  expect(await ended(node.peer)).toMatchObject({ files: 300 });
  expect(node.peer.blobs.size).toBe(300);
});

test('a storage that stumbles is asked again, a request that has expired is renewed once, and a refusal is a problem', async () => {
  await using node = await connectAgent();
  answerFiles(node.peer);
  await node.peer.run({ script: 'mkdir out; echo a > out/a' });
  node.peer.failures.push(503);
  node.peer.send(ORDER);
  expect((await ended(node.peer)).problem).toBeUndefined();
  node.peer.failures.push(403);
  let before = node.peer.messages.length;
  node.peer.send({ ...ORDER, artifact: 'artifact-2' });
  expect((await ended(node.peer, before)).problem).toBeUndefined();
  node.peer.failures.push(403, 403);
  before = node.peer.messages.length;
  node.peer.send({ ...ORDER, artifact: 'artifact-3' });
  expect(await ended(node.peer, before)).toEqual({
    type: 'artifact.finished',
    artifact: 'artifact-3',
    files: 0,
    problem: 'out/a could not be stored: the storage answered 403',
    again: true,
  });
});

test('a limit is a problem, and nothing is stored', async () => {
  await using node = await connectAgent();
  answerFiles(node.peer);
  await node.peer.run({ script: 'mkdir out; echo a > out/a; echo b > out/b' });
  node.peer.send({ ...ORDER, maxFiles: 1 });
  expect((await ended(node.peer)).problem).toBe('more than 1 files match');
  expect(node.peer.blobs.size).toBe(0);
});

test('a lost connection begins again, and stores nothing twice', async () => {
  await using node = await connectAgent();
  const { peer } = node;
  await peer.run({ script: 'mkdir out; cd out; seq 200 | while read n; do echo $n > f$n; done' });
  answerFiles(peer);
  const answer = peer.onMessage;
  let batches = 0;
  peer.onMessage = (message) => {
    if (message.type === 'hello') peer.send(ORDER);
    else if (message.type === 'artifact.files' && ++batches === 2) peer.cut();
    else answer(message);
  };
  peer.send(ORDER);
  expect(await ended(peer)).toMatchObject({ files: 200 });
  expect(peer.blobs.size).toBe(200);
  expect(peer.requests).toBe(200);
});

test('what steps leave for uploads is collected from there, and is no part of the workspace', async () => {
  await using node = await connectAgent();
  answerFiles(node.peer);
  const { log } = await node.peer.run({
    script: 'printf packed > "$FOOTMAN_UPLOADS/cache.tar.gz"; mkdir out; printf seen > out/a; ls',
  });
  expect(log.toString()).toBe('out\n');
  node.peer.send({ ...ORDER, root: 'uploads', paths: ['cache.tar.gz', 'out'] });
  expect(await ended(node.peer)).toEqual({ type: 'artifact.finished', artifact: 'artifact-1', files: 1 });
  expect([...node.peer.blobs].map(([key, bytes]) => [key, bytes.toString()])).toEqual([
    ['/blobs/cache.tar.gz?sig=1', 'packed'],
  ]);
});

test('a digest over files is told again on a new connection, also while a step runs', async () => {
  await using node = await connectAgent();
  const { peer } = node;
  const request = { type: 'files.hash' as const, request: 'hash-1', globs: ['*.lock'] };
  const hashed = () => peer.messages.filter((message) => message.type === 'files.hashed');
  await peer.run({ script: 'printf one > a.lock' });
  const step = peer.start({ script: 'echo begun; while [ ! -e go ]; do sleep 0.05; done' });
  await peer.until(() => peer.log(step.stream).includes('begun'));
  peer.send(request);
  await peer.until(() => hashed().length === 1);
  peer.onMessage = (message) => message.type === 'hello' && peer.send(request);
  peer.cut();
  await peer.until(() => hashed().length === 2);
  const digest = sha256(sha256('one')).toString('hex');
  expect(hashed()).toEqual([
    { type: 'files.hashed', request: 'hash-1', digest },
    { type: 'files.hashed', request: 'hash-1', digest },
  ]);
  await writeFile(join(node.workspace, 'go'), '');
  expect((await peer.finished(step)).finished.end.exit).toBe(0);
});

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
