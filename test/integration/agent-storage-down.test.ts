import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentMessage, AgentMessageOf } from '#shared/protocol';
import { COLLECT } from '#test/agent-artifact';
import { startObjectServer, type ObjectServer } from '#test/object-server';
import { createArtifacts, type Artifacts } from '../../agent/artifacts/index.ts';
import { createTransport, parseEndpoint } from '../../agent/http/index.ts';

/** An agent whose patience is short: the real one's is longer than a test should be. */
const TIMEOUTS = { connectMs: 1_000, idleMs: 1_000, patienceMs: 500 };

let root: string;
let storage: ObjectServer;
let artifacts: Artifacts;
let told: AgentMessage[];
let heard: () => void;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'footman-storage-'));
  storage = await startObjectServer();
  const folders = { workspace: join(root, 'workspace'), uploads: join(root, 'uploads'), spool: root };
  await mkdir(join(folders.workspace, 'out'), { recursive: true });
  for (const name of ['a', 'b', 'c']) await writeFile(join(folders.workspace, 'out', name), name);
  told = [];
  heard = () => undefined;
  const transport = createTransport({ endpoint: parseEndpoint(storage.url), timeouts: TIMEOUTS });
  artifacts = createArtifacts({ folders, transport, link: { send: hear } });
});
afterEach(async () => {
  artifacts.acknowledged({ type: 'artifact.ack', artifact: COLLECT.artifact });
  await storage.close();
  await rm(root, { recursive: true, force: true });
});

function hear(message: AgentMessage): void {
  told.push(message);
  heard();
  if (message.type !== 'artifact.files' && message.type !== 'artifact.archive') return;
  const paths = message.type === 'artifact.archive' ? ['archive'] : message.files.map(({ path }) => path);
  const puts = paths.map((path) => ({ path, request: storage.request('PUT', `/${path}`) }));
  const answers = message.type === 'artifact.archive' || !archives();
  if (answers)
    queueMicrotask(() => artifacts.put({ type: 'artifact.put', artifact: message.artifact, puts }));
}

function archives(): boolean {
  return told.some(
    (message) => message.type === 'artifact.files' && message.files.some(({ offset }) => offset),
  );
}

async function collect(archive = false): Promise<AgentMessageOf<'artifact.finished'>> {
  told.length = 0;
  artifacts.collect({ ...COLLECT, archive });
  for (;;) {
    const finished = told.find((message) => message.type === 'artifact.finished');
    if (finished !== undefined) return finished;
    await new Promise<void>((resolve) => (heard = resolve));
  }
}

test.each([
  ['is down', 503, 'answered 503'],
  ['is full', 507, 'the storage is full'],
])('a storage that %s may come back: what it has by then is not sent again', async (_, status, words) => {
  storage.trouble.push(200, ...Array.from({ length: 1_000 }, () => status));
  const { problem, again } = await collect();
  expect(problem).toContain(words);
  expect(again).toBe(true);
  storage.trouble.length = 0;
  storage.requests.length = 0;
  expect(await collect()).toEqual({ type: 'artifact.finished', artifact: COLLECT.artifact, files: 3 });
  expect(storage.requests).toHaveLength(2);
});

test('a storage that refuses will not take it later either', async () => {
  storage.trouble.push(400, 400, 400);
  const { problem, again } = await collect();
  expect(problem).toMatch(/^out\/[abc] could not be stored: the storage answered 400$/);
  expect(again).toBeUndefined();
});

test('an archive waits on the disk for a storage that comes back', async () => {
  storage.trouble.push(...Array.from({ length: 1_000 }, () => 500));
  expect(await collect(true)).toMatchObject({ again: true });
  storage.trouble.length = 0;
  expect((await collect(true)).problem).toBeUndefined();
  expect(storage.objects.has('/archive')).toBe(true);
});
