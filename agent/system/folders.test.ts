import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolders } from './folders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the folders are made where they are wanted, with those above them', () => {
  const { root, workspace, spool, steps } = makeFolders(join(folder, 'a/b/root'));
  expect(root).toBe(join(folder, 'a/b/root'));
  for (const path of [workspace, spool, steps]) expect(statSync(path).isDirectory()).toBe(true);
  expect(statSync(spool).mode & 0o777).toBe(0o700);
});

test('folders that are there already are fine', () => {
  makeFolders(folder);
  expect(makeFolders(folder).root).toBe(folder);
});

test('after a reboot the workspace is as it was, and nothing is left of a step that was under way', () => {
  const { workspace, uploads, spool, steps } = makeFolders(folder);
  for (const path of [workspace, uploads, spool, steps]) {
    mkdirSync(join(path, 'inner'));
    writeFileSync(join(path, 'inner/file'), '');
  }
  makeFolders(folder);
  expect([workspace, uploads, spool, steps].map((path) => readdirSync(path).length)).toEqual([1, 1, 0, 0]);
});

describe('where they can not be made, they are made among the temporary files', () => {
  test.each([
    ['below a file', () => writeFileSync(join(folder, 'file'), ''), 'file/root'],
    [
      'behind a link that leads nowhere',
      () => symlinkSync('missing/deep', join(folder, 'link')),
      'link/root',
    ],
    ['in a file system that takes none', () => undefined, '/proc/root'],
  ])('%s', (_, prepare, path) => {
    prepare();
    const { root, workspace } = makeFolders(join(path.startsWith('/') ? '' : folder, path));
    expect(root.startsWith(tmpdir())).toBe(true);
    expect(root.startsWith(folder)).toBe(false);
    expect(statSync(workspace).isDirectory()).toBe(true);
    rmSync(root, { recursive: true });
  });
});
