import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { answerCollection, collected, COLLECT, joined, named } from '#test/agent-artifact';
import { connectAgent } from '#test/agent-fixture';
import { buildAgent } from '#test/agent-process';
import { startObjectServer } from '#test/object-server';

const PART_BYTES = 300_000;
const MANY_PARTS = 60;

beforeAll(buildAgent);

async function start() {
  const storage = await startObjectServer();
  const node = await connectAgent();
  const answer = answerCollection({ peer: node.peer, storage, partBytes: PART_BYTES });
  const bytes = randomBytes(PART_BYTES * (MANY_PARTS - 1) + 5);
  await node.peer.run({ script: 'mkdir out' });
  return {
    ...node,
    storage,
    answer,
    bytes,
    write: (content = bytes) => writeFile(join(node.workspace, 'out/big'), content),
    async [Symbol.asyncDispose]() {
      await node[Symbol.asyncDispose]();
      await storage.close();
    },
  };
}

test('a big file comes in parts, whose requests are asked for a few at a time', async () => {
  await using node = await start();
  const { peer, storage, bytes } = node;
  await node.write();
  peer.send(COLLECT);
  expect(await collected(peer)).toEqual({ type: 'artifact.finished', artifact: 'artifact-1', files: 1 });
  expect(joined(storage, 'out/big', MANY_PARTS).equals(bytes)).toBe(true);
  expect(named(peer)).toMatchObject([
    { path: 'out/big', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  ]);
  const asked = peer.messages.filter((message) => message.type === 'artifact.parts');
  expect(asked.flatMap(({ parts }) => parts)).toEqual(Array.from({ length: MANY_PARTS }, (_, at) => at + 1));
  expect(asked.length).toBeGreaterThan(2);
});

test('what the storage has is not sent again after a lost connection', async () => {
  await using node = await start();
  const { peer, storage, answer, bytes } = node;
  await node.write();
  let asked = 0;
  peer.onMessage = (message) => {
    if (message.type === 'hello') peer.send(COLLECT);
    else if (message.type === 'artifact.parts' && ++asked === 3) peer.cut();
    else answer(message);
  };
  peer.send(COLLECT);
  expect((await collected(peer)).problem).toBeUndefined();
  expect(joined(storage, 'out/big', MANY_PARTS).equals(bytes)).toBe(true);
  // Eight were under way at most when the connection was lost.
  expect(storage.requests.length).toBeLessThanOrEqual(MANY_PARTS + 8);
});

test('parts whose upload breaks off, or whose request has expired, are sent again', async () => {
  await using node = await start();
  const { peer, storage, bytes } = node;
  await node.write();
  storage.trouble.push(503, 'cut', 403, 'cut', 500, 401);
  peer.send(COLLECT);
  expect((await collected(peer)).problem).toBeUndefined();
  expect(joined(storage, 'out/big', MANY_PARTS).equals(bytes)).toBe(true);
  expect(storage.requests).toHaveLength(MANY_PARTS + 6);
});

test('progress is told while bytes move, with the reason while they do not', async () => {
  await using node = await start();
  const { peer, storage, bytes } = node;
  await node.write();
  storage.trouble.push(...Array.from({ length: 10_000 }, () => 503));
  peer.send(COLLECT);
  const progress = () => peer.messages.filter((message) => message.type === 'artifact.progress');
  await peer.until(() => progress().some(({ trouble }) => trouble === 'the storage answered 503'));
  expect(progress()[0]).toMatchObject({ files: 0, totalFiles: 1, totalBytes: bytes.length });
  storage.trouble.length = 0;
  expect((await collected(peer)).problem).toBeUndefined();
});

test('a file that changes while it is stored is a problem with its name, and nobody’s trouble that passes', async () => {
  await using node = await start();
  const { peer, answer } = node;
  await node.write();
  let asked = 0;
  peer.onMessage = (message) => {
    if (message.type !== 'artifact.parts' || ++asked !== 3) return answer(message);
    void node.write(Buffer.alloc(PART_BYTES)).then(() => answer(message));
  };
  peer.send(COLLECT);
  const { problem, again } = await collected(peer);
  expect(problem).toMatch(/^out\/big (could not be stored: it )?changed while it was stored$/);
  expect(again).toBeUndefined();
});

test('an agent that was told to forget the artifact stops', async () => {
  await using node = await start();
  const { peer, storage, answer } = node;
  await node.write();
  let asked = 0;
  peer.onMessage = (message) => {
    if (message.type === 'artifact.parts' && ++asked === 2)
      peer.send({ type: 'artifact.ack', artifact: 'artifact-1' });
    answer(message);
  };
  await peer.run({ script: 'cp -r out later' });
  peer.send(COLLECT);
  await peer.until(() => asked >= 2);
  // As large, and begun later: when it is stored, the other one would have been, too.
  peer.send({ ...COLLECT, artifact: 'artifact-2', paths: ['later'] });
  expect(await collected(peer)).toMatchObject({ artifact: 'artifact-2', files: 1 });
  const first = [...storage.objects.keys()].filter((path) => path.startsWith('/out/'));
  expect(first.length).toBeLessThan(MANY_PARTS);
});
