import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificates } from '#test/certificates';
import { startGitServer, type GitServer } from '#test/git-server';
import { makeRepository } from '#test/git-repository';
import { describeShells } from '#test/shells';
import { expectNothingLeft, useCheckout } from './context.ts';

const LOGIN = { user: 'x-access-token', password: 'ghp_aVeryPrivateToken' };

const context = useCheckout();
let server: GitServer;
let url: string;

beforeEach(async () => {
  server = await startGitServer({ folder: context.folder, login: LOGIN });
  url = `${server.url}/work/repo/.git`;
});

afterEach(() => server.stop());

describeShells((shell) => {
  test('checks out the default branch with its history and its tags; origin is set', async () => {
    await context.repository.git('tag', 'v1', 'HEAD~1');
    const { exit, stderr, stdout } = await context.checkOut(
      { repository: url, token: LOGIN.password },
      { shell },
    );
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain('Second');
    expect(await context.read('a.txt')).toBe('two\n');
    const after = await context.node.run({
      script: 'git rev-list --count HEAD; git describe --tags; git remote get-url origin',
      env: {},
    });
    expect(after.stdout).toMatch(/^2\nv1-1-g[0-9a-f]+\n/);
    expect(after.stdout).toContain(url);
  });

  test('the token is on no command line and nowhere on the node afterwards', async () => {
    const { exit } = await context.checkOut({ repository: url, token: LOGIN.password }, { shell });
    expect(exit).toBe(0);
    expect(server.credentials.size).toBe(1);
    expect(server.exposed).toEqual([]);
    await expectNothingLeft(context.node, LOGIN.password);
  });

  test('a commit, a branch, a tag and a pull request are found by their names', async () => {
    const { git, commit } = context.repository;
    const [first = ''] = context.commits;
    await git('checkout', '--quiet', '-b', 'feature/one');
    await commit({ 'a.txt': 'branch\n' });
    await git('tag', '-a', 'v2', '-m', 'Two');
    await commit({ 'a.txt': 'request\n' });
    await git('update-ref', 'refs/pull/7/head', 'HEAD');
    await git('update-ref', 'refs/merge-requests/8/head', 'HEAD');
    await git('reset', '--hard', '--quiet', 'HEAD~1');
    await git('checkout', '--quiet', 'main');
    const refs = {
      [first]: 'one\n',
      [first.slice(0, 9)]: 'one\n',
      'feature/one': 'branch\n',
      'refs/heads/feature/one': 'branch\n',
      v2: 'branch\n',
      'refs/pull/7/head': 'request\n',
      'pull/7/head': 'request\n',
      'refs/merge-requests/8/head': 'request\n',
    };
    for (const [index, [ref, content]] of Object.entries(refs).entries()) {
      const path = `checkout ${index}`;
      const { exit, stderr } = await context.checkOut(
        { repository: url, ref, path, token: LOGIN.password },
        { shell },
      );
      expect({ ref, exit, stderr: ref.length === 9 ? '' : stderr }).toEqual({ ref, exit: 0, stderr: '' });
      expect(await context.read(`${path}/a.txt`)).toBe(content);
    }
  });
});

test('a wrong token is refused at once, and says what to check', async () => {
  const { exit, stderr } = await context.checkOut({ repository: url, token: 'ghp_another' });
  expect(exit).toBe(1);
  expect(stderr).toContain('check the repository, and the token');
  expect(server.requests.length).toBeLessThanOrEqual(2);
  await expectNothingLeft(context.node, 'ghp_another');
});

test('user and password may stand in the token, or in the address', async () => {
  const address = url.replace('://', `://${LOGIN.user}:${LOGIN.password}@`);
  expect(
    await context.checkOut({ repository: url, token: `${LOGIN.user}:${LOGIN.password}\n` }),
  ).toMatchObject({
    exit: 0,
  });
  expect(await context.checkOut({ repository: address, path: 'other' })).toMatchObject({ exit: 0 });
  expect(server.exposed).toEqual([]);
  await expectNothingLeft(context.node, LOGIN.password);
});

test("a password helper of the node's own is neither asked nor told", async () => {
  const helper = `!printf 'x' >>"$HOME/asked"; printf 'username=x\\npassword=y\\n'`;
  const configure = `git config --global credential.helper "$HELPER"; git config --global credential.${server.url}.helper "$HELPER"`;
  await context.node.run({ script: configure, env: { HELPER: helper } });
  expect(await context.checkOut({ repository: url })).toMatchObject({ exit: 1 });
  expect(await context.checkOut({ repository: url, token: LOGIN.password })).toMatchObject({ exit: 0 });
  const asked = await context.node.run({ script: 'cat "$HOME/asked" || :', env: {} });
  expect(asked.stdout).toBe('');
});

test('what git runs for the repository has no credential in its environment', async () => {
  await context.repository.commit({ '.gitattributes': '*.txt filter=peek\n' });
  const configure = `git config --global filter.peek.smudge 'env >>"$HOME/seen"; cat'`;
  await context.node.run({ script: configure, env: {} });
  expect(await context.checkOut({ repository: url, token: LOGIN.password })).toMatchObject({ exit: 0 });
  const seen = await context.node.run({ script: 'cat "$HOME/seen"', env: {} });
  expect(seen.stdout).toContain('GIT_TERMINAL_PROMPT=0');
  expect(seen.stdout).not.toContain(LOGIN.password);
});

test('the token follows no redirect to another host', async () => {
  const away = await startGitServer({
    folder: context.folder,
    login: { user: 'none', password: 'none at all' },
  });
  const bent = await startGitServer({ folder: context.folder, redirectTo: away.url });
  const { exit } = await context.checkOut({
    repository: `${bent.url}/work/repo/.git`,
    token: LOGIN.password,
  });
  expect(exit).toBe(1);
  expect(away.requests.length).toBeGreaterThan(0);
  expect([...away.credentials]).toEqual([]);
  await Promise.all([bent.stop(), away.stop()]);
});

test.each(['reset', 'unavailable'] as const)(
  'two failures of the network (%s) are survived',
  async (fault) => {
    server.faults.push(fault, fault);
    const { exit, stderr } = await context.checkOut({ repository: url, token: LOGIN.password });
    expect(exit).toBe(0);
    expect(stderr.match(/trying again/g)).toHaveLength(2);
    expect(await context.read('a.txt')).toBe('two\n');
  },
);

test('after three failures it gives up and leaves no half repository', async () => {
  server.faults.push('unavailable', 'unavailable', 'unavailable', 'unavailable');
  const { exit } = await context.checkOut({ repository: url, token: LOGIN.password });
  expect(exit).toBe(1);
  expect(server.faults).toHaveLength(1);
  expect((await context.node.run({ script: 'ls -A', env: {} })).stdout).toBe('');
});

test('a missing ref is told by name, and asked for only once', async () => {
  const { exit, stderr } = await context.checkOut({ repository: url, ref: 'nowhere', token: LOGIN.password });
  expect(exit).toBe(1);
  expect(stderr).toContain('the repository has no nowhere');
  expect(stderr).not.toContain('trying again');
});

test('a shallow checkout has as many commits as it says', async () => {
  const { exit } = await context.checkOut({ repository: url, depth: 1, token: LOGIN.password });
  expect(exit).toBe(0);
  expect((await context.node.run({ script: 'git rev-list --count HEAD', env: {} })).stdout).toBe('1\n');
});

test('a commit that the server gives out to nobody is found by the branches, and an unknown one is told', async () => {
  // Protocol 2 gives out any commit; servers of the old one only give what is advertised.
  const old = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: '0' };
  const [first = ''] = context.commits;
  const checkout = { repository: url, depth: 1, token: LOGIN.password };
  const found = await context.checkOut({ ...checkout, ref: first }, { env: old });
  expect(found).toMatchObject({ exit: 0 });
  expect(found.stderr).toContain('fetching all branches');
  expect(await context.read('a.txt')).toBe('one\n');
  const unknown = await context.checkOut({ ...checkout, ref: 'a'.repeat(40), path: 'other' });
  expect(unknown).toMatchObject({ exit: 1 });
  expect(unknown.stderr).toContain('no branch and no tag');
});

test('submodules of the same host get the token, those of another one do not', async () => {
  const other = await startGitServer({
    folder: context.folder,
    login: { user: 'x', password: 'another password' },
  });
  await (await makeRepository(join(context.folder, 'work', 'inner'))).commit({ 'i.txt': 'inner\n' });
  const middle = await makeRepository(join(context.folder, 'work', 'middle'));
  await middle.git('submodule', '--quiet', 'add', join(context.folder, 'work', 'inner'), 'inner');
  await middle.git('config', '-f', '.gitmodules', 'submodule.inner.url', '../../inner/.git');
  await middle.commit({ 'm.txt': 'middle\n' });
  const { git, commit } = context.repository;
  await git('submodule', '--quiet', 'add', middle.path, 'middle');
  await git('config', '-f', '.gitmodules', 'submodule.middle.url', '../../middle/.git');
  await commit({});

  const checkout = { repository: url, token: LOGIN.password, depth: 1 };
  expect(await context.checkOut({ ...checkout, submodules: 'recursive' })).toMatchObject({ exit: 0 });
  expect(await context.read('middle/inner/i.txt')).toBe('inner\n');
  expect((await context.node.run({ script: 'git -C middle rev-list --count HEAD', env: {} })).stdout).toBe(
    '1\n',
  );
  expect(await context.checkOut({ ...checkout, submodules: true, path: 'flat' })).toMatchObject({ exit: 0 });
  expect(await context.read('flat/middle/m.txt')).toBe('middle\n');
  await expect(context.read('flat/middle/inner/i.txt')).rejects.toThrow('ENOENT');

  await git('config', '-f', '.gitmodules', 'submodule.middle.url', `${other.url}/work/middle/.git`);
  await commit({});
  expect(await context.checkOut({ ...checkout, submodules: true, path: 'far' })).toMatchObject({ exit: 1 });
  expect(other.requests.length).toBeGreaterThan(0);
  expect([...other.credentials]).toEqual([]);
  await expectNothingLeft(context.node, LOGIN.password);
  await other.stop();
});

test('over TLS, the authority that the node trusts is asked for', async () => {
  const certificates = await mkdtemp(join(tmpdir(), 'footman-tls-'));
  await makeCertificates(certificates);
  const secure = await startGitServer({ folder: context.folder, login: LOGIN, certificates });
  const repository = `${secure.url}/work/repo/.git`;
  expect(await context.checkOut({ repository, token: LOGIN.password })).toMatchObject({ exit: 1 });
  expect([...secure.credentials]).toEqual([]);
  const trusting = 'git config --global http.sslCAInfo "$CA"';
  await context.node.run({ script: trusting, env: { CA: join(certificates, 'ca.pem') } });
  expect(await context.checkOut({ repository, token: LOGIN.password })).toMatchObject({ exit: 0 });
  expect(secure.exposed).toEqual([]);
  await secure.stop();
  await rm(certificates, { recursive: true });
});
