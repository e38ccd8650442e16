import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startGitServer, type GitServer } from '#test/git-server';
import { putLfsObject } from '#test/lfs-server';
import { optionalService } from '#test/optional';
import { expectNothingLeft, useCheckout } from './context.ts';

const LOGIN = { user: 'x-access-token', password: 'ghp_aVeryPrivateToken' };

const context = useCheckout();

function lfsMissing(): string | undefined {
  try {
    execFileSync('git', ['lfs', 'version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'git has no lfs command; install git-lfs';
  }
}

optionalService('git-lfs', lfsMissing())('checkout of Git LFS', () => {
  let server: GitServer;
  let repository: string;

  beforeEach(async () => {
    server = await startGitServer({ folder: context.folder, login: LOGIN });
    repository = `${server.url}/work/repo/.git`;
  });

  afterEach(() => server.stop());

  test('brings the files themselves, with the same token', async () => {
    await commitLarge();
    const { exit, stderr } = await context.checkOut({ repository, lfs: true, token: LOGIN.password });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(await context.read('big.bin')).toBe('a large file\n');
    expect((await context.node.run({ script: 'git status --porcelain', env: {} })).stdout).toBe('');
    expect(server.exposed).toEqual([]);
    await expectNothingLeft(context.node, LOGIN.password);
  });

  test('without it, pointers stay pointers', async () => {
    const pointer = await commitLarge();
    expect(await context.checkOut({ repository, token: LOGIN.password })).toMatchObject({ exit: 0 });
    expect(await context.read('big.bin')).toBe(pointer);
    expect(server.requests.some((request) => request.includes('/info/lfs/'))).toBe(false);
  });

  test('a repository without such files asks no server for any', async () => {
    expect(await context.checkOut({ repository, lfs: true, token: LOGIN.password })).toMatchObject({
      exit: 0,
    });
    expect(server.requests.some((request) => request.includes('/info/lfs/'))).toBe(false);
  });

  test("the build's own source gets its files from the repository of the build", async () => {
    await commitLarge();
    const file = join(context.folder, 'source.bundle');
    await context.repository.git('bundle', 'create', '--quiet', file, 'HEAD');
    const commit = await context.repository.git('rev-parse', 'HEAD');
    const source = { blob: 'sources/x', bytes: 1, sha256: '', commit, ref: null };
    const options = { source, inputs: { 'source.bundle': await readFile(file) } };
    const lost = await context.checkOut({ lfs: true, path: 'a' }, options);
    expect(lost).toMatchObject({ exit: 1 });
    expect(lost.stderr).toContain('this source does not say where that is');
    const found = await context.checkOut(
      { lfs: true, path: 'b', token: LOGIN.password },
      { ...options, remote: repository },
    );
    expect(found).toMatchObject({ exit: 0 });
    expect(await context.read('b/big.bin')).toBe('a large file\n');
  });

  test('a server named by the repository itself does not get the token', async () => {
    await commitLarge();
    const other = await startGitServer({
      folder: context.folder,
      login: { user: 'x', password: 'another password' },
    });
    await context.repository.commit({
      '.lfsconfig': `[lfs]\n\turl = ${other.url}/work/repo/.git/info/lfs\n`,
    });
    expect(await context.checkOut({ repository, lfs: true, token: LOGIN.password })).toMatchObject({
      exit: 1,
    });
    expect(other.requests.length).toBeGreaterThan(0);
    expect([...other.credentials]).toEqual([]);
    await other.stop();
  });
});

async function commitLarge(): Promise<string> {
  const pointer = await putLfsObject(context.folder, 'a large file\n');
  await context.repository.commit({ 'big.bin': pointer });
  await context.repository.commit({ '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' });
  return pointer;
}
