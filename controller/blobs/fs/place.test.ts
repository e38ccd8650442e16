import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { place, removeEmptyFolders } from './place.ts';

test('a file gets to its place while others take its folder away', async () => {
  const root = await mkdtemp(join(tmpdir(), 'footman-place-'));
  const incoming = join(root, 'incoming');
  for (let round = 0; round < 200; round++) {
    const folder = join(root, `${round}`, 'b', 'c');
    await writeFile(incoming, 'x');
    const placed = new AbortController();
    const placing = place(incoming, join(folder, 'file')).finally(() => placed.abort());
    while (!placed.signal.aborted) await removeEmptyFolders(folder, root);
    await placing;
    expect(await readdir(folder)).toEqual(['file']);
  }
  await rm(root, { recursive: true });
});
