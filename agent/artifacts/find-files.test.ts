import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFiles } from './find-files.ts';
import { createSelection } from './selection.ts';

const { signal } = new AbortController();

let folder: string;
let workspace: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-glob-'));
  workspace = join(folder, 'workspace');
  for (const path of [
    'out/a.txt',
    'out/b.log',
    'out/deep/er/c.txt',
    'out/.hidden/d.txt',
    'out/[x].txt',
    'top.txt',
    'node_modules/m/e.txt',
    '!odd.txt',
    '../outside/secret.txt',
  ]) {
    write(path, path);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

async function find(paths: string[], exclude: string[] = [], limits = {}): Promise<string[]> {
  const selection = createSelection(paths, exclude, workspace);
  const found = await findFiles(workspace, selection, { maxFiles: 100, maxBytes: 1000, ...limits }, signal);
  return found.map(({ path }) => path);
}

async function kept(): Promise<{ links: [string, string | undefined][]; leftOut: string[] }> {
  const leftOut: string[] = [];
  const selection = createSelection(['out/l*'], [], workspace);
  const keptLinks = { leftOut: (path: string) => void leftOut.push(path) };
  const options = { maxFiles: 100, maxBytes: 1000, keptLinks };
  const found = await findFiles(workspace, selection, options, signal);
  return { links: found.map(({ path, link }) => [path, link]), leftOut: leftOut.sort() };
}

describe('globs', () => {
  const out = ['out/.hidden/d.txt', 'out/[x].txt', 'out/a.txt', 'out/b.log', 'out/deep/er/c.txt'];
  test.each([
    [['out/**'], out],
    [['out'], out],
    [['out/'], out],
    [['./out/'], out],
    [['out/*.txt'], ['out/[x].txt', 'out/a.txt']],
    [['out/*'], out],
    [['**/c.txt'], ['out/deep/er/c.txt']],
    [['out/{a,b}.*'], ['out/a.txt', 'out/b.log']],
    [['o*/deep'], ['out/deep/er/c.txt']],
    [[String.raw`out/\[x\].txt`], ['out/[x].txt']],
    [['!odd.txt'], ['!odd.txt']],
    [
      ['top.txt', 'out/a.txt', 'top.*'],
      ['out/a.txt', 'top.txt'],
    ],
    [['missing/**'], []],
    [['missing.txt'], []],
  ])('%j', async (paths, expected) => {
    expect(await find(paths)).toEqual(expected);
  });

  test('by the workspace’s own path', async () => {
    expect(await find([join(workspace, 'out/a.txt')])).toEqual(['out/a.txt']);
    expect(await find([workspace], ['node_modules', 'out'])).toEqual(['!odd.txt', 'top.txt']);
  });

  test('everything', async () => {
    expect(await find(['.'])).toHaveLength(8);
    expect(await find(['**'])).toHaveLength(8);
  });

  test('without what is excluded', async () => {
    expect(await find(['**'], ['out', 'node_modules/**'])).toEqual(['!odd.txt', 'top.txt']);
    expect(await find(['out'], ['**/*.txt'])).toEqual(['out/b.log']);
  });

  test.each(['../outside/secret.txt', 'out/../../outside', '/etc/passwd', '/'])(
    '%s leaves the workspace',
    async (path) => {
      await expect(find([path])).rejects.toThrow(path);
    },
  );
});

describe('links', () => {
  test('to a file in the workspace are that file', async () => {
    symlinkSync('a.txt', join(workspace, 'out/link.txt'));
    expect(await find(['out/link.txt'])).toEqual(['out/link.txt']);
  });

  test('out of the workspace are left out', async () => {
    symlinkSync('../../outside/secret.txt', join(workspace, 'out/file-link.txt'));
    symlinkSync('../../outside', join(workspace, 'out/folder-link'));
    symlinkSync('../outside', join(workspace, 'linked'));
    expect(await find(['out/*link*', 'linked', 'linked/**', '**/secret.txt'])).toEqual([]);
  });

  test('that lead nowhere, or round in circles, are left out', async () => {
    symlinkSync('missing', join(workspace, 'out/dangling'));
    symlinkSync('loop', join(workspace, 'out/loop'));
    symlinkSync('.', join(workspace, 'out/circle'));
    expect(await find(['out/dangling', 'out/loop', 'out/circle/**'])).toEqual([]);
  });
});

describe('links that are kept', () => {
  test('lead to files and folders of the workspace', async () => {
    symlinkSync('a.txt', join(workspace, 'out/l-file'));
    symlinkSync('../node_modules', join(workspace, 'out/l-folder'));
    symlinkSync(join(workspace, 'top.txt'), join(workspace, 'out/l-whole-path'));
    expect(await kept()).toEqual({
      links: [
        ['out/l-file', 'a.txt'],
        ['out/l-folder', '../node_modules'],
        // Elsewhere the path would lead to nothing: it is the file.
        ['out/l-whole-path', undefined],
      ],
      leftOut: [],
    });
  });

  test('lead out neither by their words nor really', async () => {
    symlinkSync('../../workspace/top.txt', join(workspace, 'out/l-out-and-in'));
    symlinkSync('../../outside', join(workspace, 'elsewhere'));
    symlinkSync('../elsewhere/secret.txt', join(workspace, 'out/l-through'));
    symlinkSync('/etc/passwd', join(workspace, 'out/l-whole-path'));
    symlinkSync('missing', join(workspace, 'out/l-nowhere'));
    expect((await kept()).leftOut).toEqual(['out/l-nowhere', 'out/l-through', 'out/l-whole-path']);
    expect((await kept()).links).toEqual([['out/l-out-and-in', undefined]]);
  });
});

test('what is no file is left out', async () => {
  execFileSync('mkfifo', [join(workspace, 'out/fifo')]);
  expect(await find(['out/fifo'])).toEqual([]);
});

test('too much is a problem with its measure', async () => {
  await expect(find(['**'], [], { maxFiles: 3 })).rejects.toThrow('more than 3 files match');
  await expect(find(['**'], [], { maxBytes: 20 })).rejects.toThrow('more than 20 B');
});

test('a name that an artifact can not hold is a problem', async () => {
  write(String.raw`out/back\slash`, '');
  await expect(find(['out'])).rejects.toThrow('backslash');
});

test('the search ends with its signal', async () => {
  const over = new AbortController();
  const selection = createSelection(['**'], [], workspace);
  const seen: string[] = [];
  const watched = {
    ...selection,
    includes(path: string) {
      seen.push(path);
      over.abort(new Error('over'));
      return selection.includes(path);
    },
  };
  const limits = { maxFiles: 100, maxBytes: 1000 };
  await expect(findFiles(workspace, watched, limits, over.signal)).rejects.toThrow('over');
  expect(seen).toHaveLength(1);
});
