import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRuntime } from './index.ts';

const { signal } = new AbortController();
const AGENT = 'console.log(process.execArgv.length, typeof fetch)';
let home: string;
let agentFile: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'footman-runtime-'));
  agentFile = join(home, 'bundle.mjs');
  await writeFile(agentFile, AGENT);
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

function runtime() {
  return createRuntime({ folder: join(home, 'runtimes'), agentFile });
}

test('the packed agent runs by its own loader, also where the folder was copied to', async () => {
  const packed = await runtime().folder(signal);
  const elsewhere = join(home, 'elsewhere');
  await cp(packed.path, elsewhere, { recursive: true });
  const [program = '', ...rest] = packed.command(elsewhere);
  const { stdout } = await promisify(execFile)(program, rest, { env: {} });
  expect(stdout).toBe('1 function\n');
});

test('the digest names the content: the same for the same, another for another agent', async () => {
  const first = await runtime().folder(signal);
  const second = await runtime().folder(signal);
  expect(second.digest).toBe(first.digest);
  await writeFile(agentFile, `${AGENT} // changed`);
  const third = await runtime().folder(signal);
  expect(third.digest).not.toBe(first.digest);
  expect(await readFile(join(third.path, 'agent.mjs'), 'utf8')).toContain('changed');
  expect(await readFile(join(first.path, 'agent.mjs'), 'utf8')).toBe(AGENT);
});

test('what was packed before is used again, and what was removed is packed again', async () => {
  const first = await runtime().folder(signal);
  const before = await stat(first.path);
  expect((await stat((await runtime().folder(signal)).path)).ino).toBe(before.ino);
  await rm(first.path, { recursive: true });
  expect(await readdir((await runtime().folder(signal)).path)).toEqual(['agent.mjs', 'lib', 'node']);
});

test('several controllers that pack at once end up with one folder and no leftovers', async () => {
  const folders = await Promise.all([runtime(), runtime(), runtime()].map((each) => each.folder(signal)));
  expect(new Set(folders.map(({ path }) => path)).size).toBe(1);
  expect(await readdir(join(home, 'runtimes'))).toEqual([folders[0]?.digest, 'newest.json']);
});

test('every user may read it, and nobody writes to it', async () => {
  const { path } = await runtime().folder(signal);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
  expect((await stat(join(path, 'node'))).mode & 0o777).toBe(0o555);
  expect((await stat(join(path, 'agent.mjs'))).mode & 0o777).toBe(0o444);
});

test('without a bundled agent the error says how to make one, and the next call tries again', async () => {
  await rm(agentFile);
  const tried = runtime();
  await expect(tried.folder(signal)).rejects.toMatchObject({
    code: 'host-unfit',
    hint: 'npm run build makes it',
  });
  await writeFile(agentFile, AGENT);
  await expect(tried.folder(signal)).resolves.toHaveProperty('digest');
});

test('a program that is not for Linux with glibc is refused by name', async () => {
  const script = join(home, 'node');
  await writeFile(
    script,
    '#!/bin/sh\nexit 0 # long enough to hold a header, which it does not hold at all\n',
  );
  const unfit = createRuntime({ folder: join(home, 'runtimes'), agentFile, node: script });
  await expect(unfit.folder(signal)).rejects.toMatchObject({
    code: 'host-unfit',
    message: expect.stringContaining('GNU C library'),
  });
});
