import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseVariables } from '../steps/variables-file.ts';
import { packWorkspace } from './pack.ts';

const isRoot = process.getuid?.() === 0;
const SHARED_MEMORY = '/dev/shm';
const EXPORTS = {
  values: { COLOUR: 'red', TEXT: 'two\nlines', TOKEN: 'sesame' },
  path: ['/late', '/early', '/sesame'],
  secret: ['sesame', '/sesame'],
};

let folder: string;
let places: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-pack-'));
  places = [join(folder, 'kept')];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fill(workspace: string): string {
  mkdirSync(join(workspace, 'deep'), { recursive: true });
  writeFileSync(join(workspace, 'deep/script'), 'text');
  chmodSync(join(workspace, 'deep/script'), 0o751);
  symlinkSync('deep/script', join(workspace, 'link'));
  if (isRoot) chownSync(join(workspace, 'deep/script'), 54_321, 54_321);
  return workspace;
}

function expectKept(at: string): void {
  const kept = join(at, 'workspace');
  expect(readFileSync(join(kept, 'deep/script'), 'utf8')).toBe('text');
  const { mode, uid } = statSync(join(kept, 'deep/script'));
  expect(mode & 0o7777).toBe(0o751);
  if (isRoot) expect(uid).toBe(54_321);
  expect(readlinkSync(join(kept, 'link'))).toBe('deep/script');
}

function pack(workspace: string): Promise<string | undefined> {
  return packWorkspace({ workspace, exports: EXPORTS }, new AbortController().signal, places);
}

test('the workspace is where a capture keeps it, and the hold can go on', async () => {
  const workspace = fill(join(folder, 'workspace'));
  expect(await pack(workspace)).toBeUndefined();
  expectKept(join(folder, 'kept'));
  writeFileSync(join(workspace, 'later'), '');
  expect(await pack(workspace)).toBeUndefined();
  expect(readdirSync(join(folder, 'kept/workspace')).toSorted()).toEqual(['deep', 'later', 'link']);
});

test('what an image that the node was made from had there goes', async () => {
  mkdirSync(join(folder, 'kept/workspace/old'), { recursive: true });
  expect(await pack(fill(join(folder, 'workspace')))).toBeUndefined();
  expect(readdirSync(join(folder, 'kept/workspace')).toSorted()).toEqual(['deep', 'link']);
});

describe('on another file system', () => {
  let other: string;
  beforeEach(() => {
    other = mkdtempSync(join(SHARED_MEMORY, 'footman-pack-'));
  });
  afterEach(() => rmSync(other, { recursive: true, force: true }));

  test('it is copied, each time anew, with owners and modes', async () => {
    const workspace = fill(join(other, 'workspace'));
    expect(statSync(other).dev).not.toBe(statSync(folder).dev);
    expect(await pack(workspace)).toBeUndefined();
    expectKept(join(folder, 'kept'));
    expect(lstatSync(workspace).isDirectory()).toBe(true);
    rmSync(join(workspace, 'link'));
    expect(await pack(workspace)).toBeUndefined();
    expect(readdirSync(join(folder, 'kept/workspace'))).toEqual(['deep']);
  });

  test('no half of it is left when that is given up', async () => {
    const workspace = fill(join(other, 'workspace'));
    const problem = await packWorkspace({ workspace, exports: EXPORTS }, AbortSignal.abort(), places);
    expect(problem).toContain('could not be kept');
    expect(readdirSync(join(folder, 'kept'))).toEqual([]);
  });
});

test('where it can’t be kept in one place, it is kept in the next', async () => {
  places = ['/proc/no-place', join(folder, 'home')];
  expect(await pack(fill(join(folder, 'workspace')))).toBeUndefined();
  expectKept(join(folder, 'home'));
});

test('what steps exported is beside it, but for what has a secret in it', async () => {
  expect(await pack(fill(join(folder, 'workspace')))).toBeUndefined();
  const at = join(folder, 'kept');
  const { values, problems } = parseVariables(readFileSync(join(at, 'environment'), 'utf8'));
  expect({ values, problems }).toEqual({ values: { COLOUR: 'red', TEXT: 'two\nlines' }, problems: [] });
  expect(readFileSync(join(at, 'path'), 'utf8')).toBe('/early\n/late\n');
});

test('where it can’t be kept at all, that is told, and it stays', async () => {
  places = ['/proc/no-place'];
  const workspace = fill(join(folder, 'workspace'));
  expect(await pack(workspace)).toContain('could not be kept');
  expectKept(folder);
});
