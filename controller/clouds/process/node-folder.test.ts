import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeNodeFolder, nodeFolder, removeNodeFolder } from './node-folder.ts';

test('a folder that two remove is gone for both, whoever comes second', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'footman-node-folder-'));
  const folder = nodeFolder(parent, 'node');
  const tags = { controller: 'c', node: 'node', createdAt: 1, bootId: 'boot', uptimeTicks: 1 };
  await makeNodeFolder(folder, tags);
  await Promise.all([removeNodeFolder(folder), removeNodeFolder(folder)]);
  await removeNodeFolder(folder);
  expect(await readdir(parent)).toEqual([]);
  await rm(parent, { recursive: true });
});
