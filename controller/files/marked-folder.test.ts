import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeMarkedFolder, removeMarkedFolder } from './marked-folder.ts';

test('a folder that two remove is gone for both, whoever comes second', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'footman-marked-folder-'));
  const folder = { path: join(parent, 'node'), mark: 'tags.json' };
  await makeMarkedFolder(folder, '{}');
  await Promise.all([removeMarkedFolder(folder), removeMarkedFolder(folder)]);
  await removeMarkedFolder(folder);
  expect(await readdir(parent)).toEqual([]);
  await rm(parent, { recursive: true });
});
