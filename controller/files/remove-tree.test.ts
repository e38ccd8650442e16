import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { removeTree } from './remove-tree.ts';

/** Root may do all, so the test stops being root. */
const NOBODY = 65_534;

afterEach(() => {
  if (process.getuid?.() === 0) process.seteuid?.(0);
});

test('directories that their owner may not write or read are no obstacle, and links are not followed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'remove-tree-'));
  const elsewhere = join(folder, 'elsewhere');
  const tree = join(folder, 'tree');
  const module = join(tree, 'module');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'kept'), '');
  await mkdir(join(module, 'inner'), { recursive: true });
  await writeFile(join(module, 'inner', 'file.go'), '');
  await symlink(elsewhere, join(module, 'link'));
  await becomeNobody([folder, tree, module, join(module, 'inner'), elsewhere]);
  await chmod(elsewhere, 0o500);
  await chmod(join(module, 'inner'), 0o000);
  await chmod(module, 0o555);

  await removeTree(tree);

  expect(existsSync(tree)).toBe(false);
  expect(existsSync(join(elsewhere, 'kept'))).toBe(true);
  await chmod(elsewhere, 0o700);
  await removeTree(folder);
});

test('what is not there is removed already', async () => {
  const missing = join(tmpdir(), 'remove-tree-missing');
  await removeTree(missing);
  expect(existsSync(missing)).toBe(false);
});

async function becomeNobody(folders: string[]): Promise<void> {
  if (process.getuid?.() !== 0) return;
  for (const folder of folders) await chown(folder, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
}
