import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkoutScript } from '#controller/checkout';
import type { BuildSource } from '#controller/store';
import type { Checkout } from '#shared/pipeline';
import { makeRepository } from '#test/git-repository';
import { describeShells } from '#test/shells';
import { expectNothingLeft, useCheckout } from './context.ts';

const context = useCheckout();
const PLAIN = { submodules: false, lfs: false } as const;

describeShells((shell) => {
  test('a path on the node is checked out, submodules by path included', async () => {
    const inner = await makeRepository(join(context.folder, 'inner'));
    await inner.commit({ 'i.txt': 'inner\n' });
    await context.repository.git('submodule', '--quiet', 'add', inner.path, 'inner');
    await context.repository.commit({});
    const checkout = { repository: context.repository.path, submodules: true } as const;
    const { exit, stderr } = await context.checkOut(checkout, { shell });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(await context.read('a.txt')).toBe('two\n');
    expect(await context.read('inner/i.txt')).toBe('inner\n');
  });

  test("the build's own source is checked out without a network", async () => {
    const { source, bundle } = await makeSource();
    const options = { source, inputs: { 'source.bundle': bundle }, shell };
    const { exit, stderr } = await context.checkOut({ path: 'src' }, options);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(await context.read('src/a.txt')).toBe('two\n');
    expect(await context.checkOut({ path: 'src', ref: context.commits[0] ?? '' }, options)).toMatchObject({
      exit: 0,
    });
    expect(await context.read('src/a.txt')).toBe('one\n');
  });
});

test("submodules of the build's own source are found by the repository of the build, and told to need it", async () => {
  const inner = await makeRepository(join(context.folder, 'work', 'inner'));
  await inner.commit({ 'i.txt': 'inner\n' });
  await context.repository.git('submodule', '--quiet', 'add', inner.path, 'inner');
  await context.repository.git('config', '-f', '.gitmodules', 'submodule.inner.url', '../inner');
  await context.repository.commit({});
  const { source, bundle } = await makeSource();
  const options = { source, inputs: { 'source.bundle': bundle } };
  const lost = await context.checkOut({ submodules: true }, options);
  expect(lost).toMatchObject({ exit: 1 });
  expect(lost.stderr).toContain('name it under checkout');
  const found = await context.checkOut(
    { submodules: true, path: 'b' },
    { ...options, remote: context.repository.path },
  );
  expect(found).toMatchObject({ exit: 0 });
  expect(await context.read('b/inner/i.txt')).toBe('inner\n');
});

test('another ref than that of the source comes from the repository of the build', async () => {
  const { source } = await makeSource();
  await context.repository.git('branch', 'old', 'HEAD~1');
  const { takesSource } = checkoutScript({ ...PLAIN, ref: 'old' }, source, context.repository.path);
  expect(takesSource).toBe(false);
  const { exit } = await context.checkOut({ ref: 'old' }, { source, remote: context.repository.path });
  expect(exit).toBe(0);
  expect(await context.read('a.txt')).toBe('one\n');
});

test('files that are there stay: one in the way is told, and others are no matter', async () => {
  await writeFile(join(context.node.workspace, 'other.txt'), 'mine');
  await writeFile(join(context.node.workspace, 'a.txt'), 'mine');
  const { exit, stderr } = await context.checkOut({ repository: context.repository.path });
  expect(exit).toBe(1);
  expect(stderr).toContain('a.txt');
  expect(await context.read('a.txt')).toBe('mine');
  await rm(join(context.node.workspace, 'a.txt'));
  expect(await context.checkOut({ repository: context.repository.path })).toMatchObject({ exit: 0 });
  expect(await context.read('other.txt')).toBe('mine');
});

test('a second checkout in the same place moves on, and a failed one leaves the first as it was', async () => {
  const repository = context.repository.path;
  const [first = ''] = context.commits;
  expect(await context.checkOut({ repository, ref: first })).toMatchObject({ exit: 0 });
  expect(await context.checkOut({ repository, ref: 'nowhere' })).toMatchObject({ exit: 1 });
  expect(await context.read('a.txt')).toBe('one\n');
  expect(await context.checkOut({ repository })).toMatchObject({ exit: 0 });
  expect(await context.read('a.txt')).toBe('two\n');
});

test("hooks, templates of the node's own among them, don't run", async () => {
  const hooks = join(context.node.home, 'templates', 'hooks');
  await mkdir(hooks, { recursive: true });
  await writeFile(join(hooks, 'post-checkout'), '#!/bin/sh\ntouch "$HOME/ran"\n', { mode: 0o755 });
  await context.node.run({ script: 'git config --global init.templateDir "$HOME/templates"', env: {} });
  expect(await context.checkOut({ repository: context.repository.path })).toMatchObject({ exit: 0 });
  await expect(readFile(join(context.node.home, 'ran'))).rejects.toThrow('ENOENT');
});

test('a checkout that is killed by a signal leaves no credential', async () => {
  const connected = Promise.withResolvers<Socket>();
  const silent = createServer((socket) => connected.resolve(socket));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  let group = 0;
  const ended = context.checkOut(
    { repository: `http://127.0.0.1:${port}/repo.git`, token: 'a-private-token', sshKey: 'a-private-key' },
    { started: (id) => (group = id) },
  );
  const socket = await connected.promise;
  await expect(readFile(join(context.node.inputs, 'checkout', 'login'), 'utf8')).resolves.toContain(
    'a-private',
  );
  process.kill(-group, 'SIGTERM');
  expect((await ended).exit).toBe(143);
  await expectNothingLeft(context.node, 'a-private');
  await expect(readFile(join(context.node.inputs, 'checkout', 'login'))).rejects.toThrow('ENOENT');
  socket.destroy();
  silent.close();
});

test.each([
  ['a ref that git could take for something else', { ref: '--upload-pack=x' }, 'is no branch'],
  ['a refspec', { ref: '+main:refs/heads/x' }, 'is no branch'],
  ['a helper as a repository', { repository: 'ext::sh -c id' }, 'the repository is none of'],
  ['an option as a repository', { repository: '--upload-pack=x' }, 'the repository is none of'],
  ['a path that leads out', { repository: '/r', path: 'a/../../b' }, 'is no path inside the workspace'],
  ['no source', {}, 'came without a source'],
])('%s is refused in a sentence', async (_, checkout, sentence) => {
  const { exit, stderr } = await context.checkOut(checkout);
  expect(exit).toBe(1);
  expect(stderr).toContain(sentence);
});

test('nothing of the pipeline is part of the script', async () => {
  const repository = '/tmp/$(touch /tmp/footman-was-here)';
  const { script } = checkoutScript({ ...PLAIN, repository }, null);
  expect(script).not.toContain('footman-was-here');
  await context.checkOut({ repository });
  await expect(readFile('/tmp/footman-was-here')).rejects.toThrow('ENOENT');
});

test.runIf(process.getuid?.() === 0)(
  'a repository of another user on the node is checked out, too',
  async () => {
    execFileSync('chown', ['-R', 'nobody', context.repository.path]);
    expect(await context.checkOut({ repository: context.repository.path })).toMatchObject({ exit: 0 });
  },
);

test('variables of the pipeline and of earlier steps have no say', async () => {
  const source = { blob: 'sources/x', bytes: 1, sha256: '', commit: 'a'.repeat(40), ref: null };
  const everything = variablesOf(
    {
      repository: 'https://a.example/b',
      ref: 'main',
      depth: 1,
      submodules: true,
      lfs: true,
      token: 't',
      sshKey: 'k',
    },
    null,
  );
  expect(variablesOf({}, source)).toEqual(everything);
});

test('a node without git says what it lacks', async () => {
  const { exit, stderr } = await context.checkOut(
    { repository: '/r' },
    { shell: ['/bin/sh'], env: { PATH: '/none' } },
  );
  expect(exit).toBe(1);
  expect(stderr).toContain('this node has no git');
});

async function makeSource(): Promise<{ source: BuildSource; bundle: Buffer }> {
  const file = join(context.folder, 'source.bundle');
  await context.repository.git('bundle', 'create', '--quiet', file, 'HEAD');
  const bundle = await readFile(file);
  const commit = await context.repository.git('rev-parse', 'HEAD');
  const sha256 = createHash('sha256').update(bundle).digest('hex');
  return { source: { blob: 'sources/x', bytes: bundle.length, sha256, commit, ref: null }, bundle };
}

function variablesOf(checkout: Partial<Checkout>, source: BuildSource | null): string[] {
  return Object.keys(checkoutScript({ ...PLAIN, ...checkout }, source).env).sort();
}
