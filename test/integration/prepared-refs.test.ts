import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRefs } from '#controller/preparations';
import { makeRepository, type Repository } from '#test/git-repository';
import { startGitServer, type GitServer } from '#test/git-server';

/** What the controller asks repositories that a preparation checks out. */

const refs = createRefs(new AbortController().signal);

let folder: string;
let repository: Repository;
let server: GitServer;
let address: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-refs-'));
  repository = await makeRepository(join(folder, 'tools'));
  server = await startGitServer({ folder });
  address = `${server.url}/tools/.git`;
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a branch, a tag, a full ref and the default branch are the commits that they name now', async () => {
  const first = await repository.commit({ a: '1' });
  await repository.git('tag', '--annotate', '--message', 'One', 'v1');
  await repository.git('update-ref', 'refs/pull/7/head', first);
  await repository.git('branch', 'feature/main');
  const second = await repository.commit({ a: '2' });
  expect(await refs.commitOf(address, 'main')).toBe(second);
  expect(await refs.commitOf(address, undefined)).toBe(second);
  expect(await refs.commitOf(address, 'v1')).toBe(first);
  expect(await refs.commitOf(address, 'refs/tags/v1')).toBe(first);
  expect(await refs.commitOf(address, 'refs/pull/7/head')).toBe(first);
  expect(await refs.commitOf(address, 'feature/main')).toBe(first);
  const third = await repository.commit({ a: '3' });
  expect(await refs.commitOf(address, 'main')).toBe(third);
});

test('a commit is itself, and nobody is asked', async () => {
  expect(await refs.commitOf(address, 'a'.repeat(40))).toBe('a'.repeat(40));
  expect(server.requests).toEqual([]);
});

test('ten who ask the same at once ask once', async () => {
  const commit = await repository.commit({ a: '1' });
  const answers = await Promise.all(Array.from({ length: 10 }, () => refs.commitOf(address, 'main')));
  expect(new Set(answers)).toEqual(new Set([commit]));
  expect(server.requests.filter((request) => request.includes('info/refs'))).toHaveLength(1);
});

test('what is not there, or wants a password, is told at once; a server that fails may be asked again', async () => {
  await repository.commit({ a: '1' });
  await expect(refs.commitOf(address, 'gone')).rejects.toMatchObject({
    outcome: 'failure',
    message: `${address} has no gone`,
  });
  await expect(refs.commitOf(`${server.url}/other`, 'main')).rejects.toMatchObject({ outcome: 'failure' });
  server.faults.push('unavailable');
  await expect(refs.commitOf(address, 'main')).rejects.toMatchObject({ code: 'repository-unreachable' });
  await using locked = await lockedServer();
  await expect(refs.commitOf(`${locked.url}/tools/.git`, 'main')).rejects.toMatchObject({
    outcome: 'failure',
  });
});

test.each([
  '/etc',
  'file:///etc',
  'git@example.com:tools.git',
  'ext::sh -c id',
  'https://ada:pw@example.com/a',
])('nobody is asked about %s', async (repository) => {
  await expect(refs.commitOf(repository, 'main')).rejects.toMatchObject({ outcome: 'uncached' });
});

async function lockedServer(): Promise<GitServer & AsyncDisposable> {
  const locked = await startGitServer({ folder, login: { user: 'ada', password: 'secret' } });
  return { ...locked, [Symbol.asyncDispose]: () => locked.stop() };
}
