import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveKeyOf, manifestKeyOf, sumsKeyOf } from '#controller/artifacts';
import { logKeysOf } from '#controller/log-archive';
import { filesOfArtifact, insertCache } from '#controller/store';
import { never, openRetention, type RetentionFixture } from '../retention/test-support.ts';
import { createFsck, type FsckLine } from './index.ts';

const SHA256 = createHash('sha256').update('1').digest('hex');
let fixture: RetentionFixture;
let artifact: string;
let ids: { build: string; job: string; step: string };

beforeEach(async () => {
  fixture = await openRetention();
  const source = { blob: `sources/${SHA256}`, bytes: 1, sha256: SHA256, commit: 'c', ref: null };
  const build = await fixture.build({ source });
  await fixture.build({ source });
  const { job, step } = await fixture.job(build);
  ids = { build: build.id, job, step };
  artifact = await fixture.artifact(job, { 'a.txt': '1', 'b/c': '22' });
  for (const key of [source.blob, 'caches/kept']) await put(key, '1');
  const entry = {
    id: 'c1',
    scope: 's',
    version: 'v',
    key: 'npm',
    blob: 'caches/kept',
    bytes: 1,
    sha256: SHA256,
  };
  await insertCache(fixture.store.db, { ...entry, created_at: 1, used_at: 1 });
});

afterEach(() => fixture[Symbol.asyncDispose]());

test('nothing is wrong with a storage that has what the store says', async () => {
  const before = await fixture.keys();
  const lines = await check({ digests: true });
  expect(lines).toEqual([{ kind: 'summary', damaged: 0, orphans: 0, objects: 8, bytes: 5 }]);
  expect(await fixture.keys()).toEqual(before);
});

test.each([
  ['a file that is gone', 'missing', () => fileOf('a.txt'), null],
  ['a file that is too short', 'size', () => fileOf('b/c'), '2'],
  ['a manifest that is gone', 'missing', () => manifestKeyOf(artifact), null],
  ['a manifest that says something else', 'manifest', () => manifestKeyOf(artifact), '{}'],
  ['sums that are gone', 'missing', () => sumsKeyOf(artifact), null],
  ['sums that say something else', 'manifest', () => sumsKeyOf(artifact), 'x'],
  ['a log that is gone', 'missing', () => logKeysOf(ids).log, null],
  ['the index of a log that is gone', 'missing', () => logKeysOf(ids).index, null],
  ['a cache that is gone', 'missing', () => 'caches/kept', null],
  ['a source that is gone, of two builds', 'missing', () => `sources/${SHA256}`, null],
])('%s is found', async (_, problem, keyOf, text) => {
  const key = await keyOf();
  if (text === null) await fixture.blobs.remove(key, never);
  else await put(key, text);
  const lines = await check({});
  expect(findings(lines)).toMatchObject([{ problem, key }]);
  expect(lines.at(-1)).toMatchObject({ kind: 'summary', damaged: 1, orphans: 0 });
});

test('content that has changed is found by its digest, and only if it is asked for', async () => {
  const key = await fileOf('a.txt');
  await put(key, '2');
  expect(findings(await check({}))).toEqual([]);
  const found = findings(await check({ digests: true }));
  expect(found).toMatchObject([
    { problem: 'digest', key, of: expect.stringMatching(/^a.txt of artifact out of 1\//) },
  ]);
});

test('rows of files that are gone do not fit the manifest', async () => {
  await fixture.store.db.deleteFrom('artifact_files').where('path', '=', 'a.txt').execute();
  expect(findings(await check({})).map(({ problem }) => problem)).toEqual([
    'manifest',
    'manifest',
    'manifest',
    // Its object has no row any more.
    'orphan',
  ]);
});

test('an archive is compared with what its row and its manifest say', async () => {
  const sha256 = createHash('sha256').update('{}').digest('hex');
  const id = await fixture.artifact(
    ids.job,
    {},
    { position: 1, archive: 'set below', archive_sha256: sha256 },
  );
  const key = archiveKeyOf(id);
  await fixture.store.db.updateTable('artifacts').set({ archive: key }).where('id', '=', id).execute();
  expect(findings(await check({ digests: true }))).toEqual([]);
  await put(key, '[]');
  expect(findings(await check({ digests: true }))).toMatchObject([{ problem: 'digest', key }]);
  await put(key, '[ ]');
  expect(findings(await check({}))).toMatchObject([{ problem: 'size', key }]);
});

test('objects that no row has are told of, and are no damage', async () => {
  await put('artifacts/nobody/a', '1');
  const lines = await check({});
  expect(findings(lines)).toMatchObject([{ problem: 'orphan', key: 'artifacts/nobody/a' }]);
  expect(lines.at(-1)).toMatchObject({ damaged: 0, orphans: 1 });
});

test('what was stored before there were manifests has none', async () => {
  await fixture.store.db
    .updateTable('artifacts')
    .set({ stored_bytes: 3 })
    .where('id', '=', artifact)
    .execute();
  for (const key of [manifestKeyOf(artifact), sumsKeyOf(artifact)]) await fixture.blobs.remove(key, never);
  expect(findings(await check({}))).toEqual([]);
});

test('a build that is removed meanwhile is no damage', async () => {
  await using own = await openRetention((blobs) => ({
    ...blobs,
    async head(key, signal) {
      if (!key.startsWith('artifacts/')) return blobs.head(key, signal);
      await own.store.db.updateTable('builds').set({ deleting_at: 1 }).execute();
      await blobs.remove(key, signal);
      return blobs.head(key, signal);
    },
  }));
  const { job } = await own.job(await own.build());
  await own.artifact(job, { a: '1' });
  expect(findings(await check({}, own)).filter(({ problem }) => problem !== 'orphan')).toEqual([]);
});

test.each([
  ['manifest', ({ key }: { key: string }) => key.endsWith('/manifest.json')],
  ['file', ({ key }: { key: string }) => key.startsWith('artifacts/') && !key.endsWith('/manifest.json')],
])('nor is one whose %s goes between two looks at it', async (_, isMeant) => {
  await using own = await openRetention((blobs) => ({
    ...blobs,
    async get(key, options, signal) {
      if (!isMeant({ key })) return blobs.get(key, options, signal);
      await own.store.db.updateTable('builds').set({ deleting_at: 1 }).execute();
      await blobs.remove(key, signal);
      return blobs.get(key, options, signal);
    },
  }));
  const { job } = await own.job(await own.build());
  await own.artifact(job, { a: '1' });
  const lines = await check({ digests: true }, own);
  expect(findings(lines).filter(({ problem }) => problem !== 'orphan')).toEqual([]);
});

test('the storage of another controller is not looked at', async () => {
  await put('footman.json', '{"controller":"another"}');
  await expect(check({})).rejects.toThrow('another controller');
});

async function check({ digests = false }, of = fixture): Promise<FsckLine[]> {
  const { store, blobs, clock } = of;
  const fsck = createFsck({ store, blobs, clock, controllerId: 'mine' });
  const lines: FsckLine[] = [];
  for await (const line of fsck.check({ digests, signal: never })) lines.push(line);
  return lines;
}

function findings(lines: readonly FsckLine[]) {
  return lines.filter((line) => line.kind === 'finding');
}

async function fileOf(path: string): Promise<string> {
  const files = await filesOfArtifact(fixture.store.db, artifact, { limit: 9 });
  return files.find((file) => file.path === path)?.blob ?? '';
}

async function put(key: string, text: string): Promise<void> {
  await fixture.blobs.put(key, Buffer.from(text), {}, never);
}
