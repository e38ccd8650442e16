import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashFiles } from './hash-files.ts';

let folder: string;
let workspace: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'footman-hash-'));
  workspace = join(folder, 'workspace');
  write('package-lock.json', 'top');
  write('web/package-lock.json', 'web');
  write('../outside/package-lock.json', 'outside');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(workspace, path)), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

function ask(...globs: string[]): ReturnType<typeof hashFiles> {
  return hashFiles({ type: 'files.hash', request: 'one', globs }, workspace, new AbortController().signal);
}

/** As the protocol says it: the digest over the digests of the files. */
function digestOver(...texts: string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(createHash('sha256').update(text).digest());
  return hash.digest('hex');
}

describe('the digest', () => {
  test('is over the files in the order of their paths, whatever the order of the globs', async () => {
    const expected = { type: 'files.hashed', request: 'one', digest: digestOver('top', 'web') };
    expect(await ask('**/package-lock.json')).toEqual(expected);
    expect(await ask('web/*', 'package-lock.json', '*.json')).toEqual(expected);
  });

  test('takes the bytes of the paths for their order, beyond the characters of one unit too', async () => {
    write('names/\u{ff5e}', 'tilde');
    write('names/\u{1f600}', 'face');
    expect(await ask('names/*')).toMatchObject({ digest: digestOver('tilde', 'face') });
  });

  test('changes with the content', async () => {
    const before = await ask('*.json');
    write('package-lock.json', 'other');
    expect((await ask('*.json')).digest).not.toBe(before.digest);
  });

  test('leaves out what a glob with ! names', async () => {
    expect(await ask('**/*.json', '!web/**')).toMatchObject({ digest: digestOver('top') });
  });

  test('of nothing is empty', async () => {
    expect(await ask('missing/**')).toEqual({ type: 'files.hashed', request: 'one', digest: '' });
    expect(await ask('!web/**')).toEqual({ type: 'files.hashed', request: 'one', digest: '' });
  });
});

describe('the workspace', () => {
  test.each(['../outside/*', '/etc/passwd', 'web/../../outside/*'])('is not left by %s', async (glob) => {
    const { digest, problem } = await ask(glob);
    expect(digest).toBe('');
    expect(problem).toContain(glob);
  });

  test('is not left by links, to files or to folders', async () => {
    symlinkSync('../outside/package-lock.json', join(workspace, 'linked.json'));
    symlinkSync('../outside', join(workspace, 'linked'));
    expect(await ask('linked.json', 'linked/**')).toMatchObject({ digest: '' });
  });
});
