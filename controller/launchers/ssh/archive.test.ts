import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RuntimeFolder } from '../contract.ts';
import { archiveOf } from './archive.ts';

let folder: string;
let runtime: RuntimeFolder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
  runtime = { path: join(folder, 'abc'), digest: 'abc', command: () => [] };
  await mkdir(join(runtime.path, 'lib'), { recursive: true });
  await writeFile(join(runtime.path, 'lib', 'libc.so.6'), 'library', { mode: 0o444 });
  await writeFile(join(runtime.path, 'node'), 'program', { mode: 0o555 });
});
afterEach(() => rm(folder, { recursive: true }));

test('the runtime is packed once, beside its folder, and always into the same bytes', async () => {
  const first = await archiveOf(runtime);
  expect(await archiveOf(runtime)).toEqual(first);
  await rm(first.file);
  expect(await archiveOf(runtime)).toEqual(first);
  expect(first.unpackedBytes).toBe('library'.length + 'program'.length);
  expect(gunzipSync(readFileSync(first.file)).toString()).toContain('libc.so.6');
  expect((await readdir(folder)).toSorted()).toEqual(['abc', `abc.${first.sum}.tar.gz`]);
});

test('an archive that was damaged is packed anew', async () => {
  const first = await archiveOf(runtime);
  await writeFile(first.file, 'x');
  expect(await archiveOf(runtime)).toEqual(first);
  expect(gunzipSync(readFileSync(first.file)).length).toBeGreaterThan(0);
});
