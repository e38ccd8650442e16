import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { readableOf } from '#controller/archives';
import { withTag } from './image-tar.ts';

const TAG = 'footman-images-0:v-1';
const one = { Config: 'a.json', Layers: ['a/layer.tar'], RepoTags: ['debian:bookworm'] };

function tarOf(files: Record<string, string>): Readable {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.entry({ name: 'b/layer.tar', type: 'symlink', linkname: '../a/layer.tar' });
  tar.finalize();
  return readableOf(tar);
}

async function filesIn(tar: Readable): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const entries = tar.pipe(extract());
  tar.on('error', (error) => entries.destroy(error));
  for await (const entry of entries) {
    const content = Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>)).toString();
    files[entry.header.name] = entry.header.linkname ?? content;
  }
  return files;
}

test('an image gets our tag and no other, and keeps the rest', async () => {
  const tar = tarOf({
    'a.json': '{}',
    'a/layer.tar': 'x'.repeat(100_000),
    'manifest.json': JSON.stringify([one]),
    repositories: '{"debian":{}}',
    'index.json': '{"manifests":[]}',
  });
  const { 'manifest.json': manifest = '', ...rest } = await filesIn(withTag(tar, TAG));
  expect(JSON.parse(manifest)).toEqual([{ ...one, RepoTags: [TAG] }]);
  expect(rest).toEqual({
    'a.json': '{}',
    'a/layer.tar': 'x'.repeat(100_000),
    'b/layer.tar': '../a/layer.tar',
  });
});

test.each([
  ['two images', () => tarOf({ 'manifest.json': JSON.stringify([one, one]) })],
  ['another manifest', () => tarOf({ 'manifest.json': '{}' })],
  ['a manifest that is no JSON', () => tarOf({ 'manifest.json': 'x' })],
  ['another tar', () => tarOf({ 'etc/passwd': 'root' })],
  ['no tar', () => Readable.from([Buffer.alloc(10_000, 'x')])],
  ['nothing', () => Readable.from([])],
  ['half a tar', () => Readable.from(firstBytes(tarOf({ a: 'x'.repeat(10_000) }), 5_000))],
])('%s: refused', async (_, content) => {
  await expect(withTag(content(), TAG).toArray()).rejects.toMatchObject({
    code: 'cloud-refused',
    message: expect.stringContaining('not an image'),
  });
});

test('content that breaks says why itself', async () => {
  await expect(withTag(Readable.from(breaking()), TAG).toArray()).rejects.toThrow('connection lost');
});

async function* firstBytes(content: Readable, bytes: number): AsyncIterable<Buffer> {
  yield Buffer.concat(await content.toArray()).subarray(0, bytes);
}

async function* breaking(): AsyncIterable<Buffer> {
  yield Buffer.alloc(100);
  throw new Error('connection lost');
}
