import { createHash } from 'node:crypto';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCaches, type Caches } from '#controller/caches';
import { createSystemClock } from '#controller/clock';
import { openStore, type Build, type Job, type Store } from '#controller/store';
import type { Cache } from '#shared/pipeline';
import { openFsBlobs, type Blobs } from '#controller/blobs';
import { BUSYBOX, describeShells } from '#test/shells';
import { makeScriptNode, type ScriptNode } from '#test/step-script';

const job = { id: 'a-job' } as Job;
const build = {
  id: 'b',
  pipeline: 'ci',
  project_id: null,
  trust: 'trusted',
  trigger: { event: 'push' },
} as Build;

let folder: string;
let store: Store;
let caches: Caches;
let blobs: Blobs;
let first: ScriptNode;
let second: ScriptNode;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-cache-'));
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  blobs = await openFsBlobs({ folder, secret: 'a secret of these tests, and of nobody else' });
  caches = createCaches({ store, blobs, clock: createSystemClock() });
  [first, second] = await Promise.all([makeScriptNode(), makeScriptNode()]);
});

afterEach(async () => {
  await Promise.all([first.remove(), second.remove(), store.close()]);
  await rm(folder, { recursive: true });
});

describeShells((shell) => {
  test('one node packs, and another has the same files where it has its workspace and its home', async () => {
    const cache = { key: 'k', restoreKeys: [], paths: ['deps/', '~/.npm', 'a file', 'out/*.bin', 'gone'] };
    await write(first.workspace, {
      'deps/x/y': '1',
      'deps/-dash': '2',
      'a file': '3',
      'out/1.bin': '4',
      'out/n': '5',
    });
    await write(first.home, { '.npm/z': '6', '.secret': '7' });
    await chmod(join(first.workspace, 'deps/x/y'), 0o755);
    await symlink('x/y', join(first.workspace, 'deps/link'));
    await link(join(first.workspace, 'deps/x/y'), join(first.workspace, 'deps/twin'));
    expect(await save(cache)).toMatchObject({ exit: 0, stderr: '' });
    expect(await restore(cache)).toMatchObject({
      exit: 0,
      stderr: '',
      outputs: 'cache-hit=true\ncache-matched-key=k\n',
    });
    const texts = ['deps/x/y', 'deps/-dash', 'a file', 'out/1.bin'].map((path) =>
      read(second.workspace, path),
    );
    expect(await Promise.all([...texts, read(second.home, '.npm/z')])).toEqual(['1', '2', '3', '4', '6']);
    expect((await stat(join(second.workspace, 'deps/x/y'))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(second.workspace, 'deps/link'))).toBe('x/y');
    expect(await read(second.workspace, 'deps/twin')).toBe('1');
    await expect(read(second.workspace, 'out/n')).rejects.toThrow('ENOENT');
    await expect(read(second.home, '.secret')).rejects.toThrow('ENOENT');
  });

  test.each([
    ['the workspace alone', ['deps']],
    ['the home directory alone', ['~/deps']],
    ['both, where one has nothing', ['deps', '~/none', '~/deps']],
  ])('paths in %s are restored', async (_, paths) => {
    const cache = { key: 'k', restoreKeys: [], paths };
    const [from, to] = paths.includes('deps')
      ? [first.workspace, second.workspace]
      : [first.home, second.home];
    await write(from, { 'deps/a': 'text' });
    await link(join(from, 'deps/a'), join(from, 'deps/twin'));
    await save(cache);
    expect(await restore(cache)).toMatchObject({ exit: 0, stderr: '' });
    expect(await read(to, 'deps/a')).toBe('text');
    expect(await read(to, 'deps/twin')).toBe('text');
  });

  test('another key by its beginning is no hit, but says which it was', async () => {
    await write(first.workspace, { 'deps/a': 'old' });
    await save({ key: 'deps-1', restoreKeys: [], paths: ['deps'] });
    const { outputs, stdout } = await restore({ key: 'deps-2', restoreKeys: ['deps-'], paths: ['deps'] });
    expect(outputs).toBe('cache-hit=false\ncache-matched-key=deps-1\n');
    expect(stdout).toContain('Restored the cache deps-1');
    expect(await read(second.workspace, 'deps/a')).toBe('old');
  });

  test('a miss says so and is no failure', async () => {
    const { exit, outputs, stdout } = await restore({ key: 'k', restoreKeys: [], paths: ['deps'] });
    expect({ exit, outputs }).toEqual({ exit: 0, outputs: 'cache-hit=false\ncache-matched-key=\n' });
    expect(stdout).toContain('No cache has the key k');
  });

  test('nothing to pack is told, and leaves no file', async () => {
    const { exit, stdout } = await save({ key: 'k', restoreKeys: [], paths: ['gone', 'out/*', '~/gone'] });
    expect(exit).toBe(0);
    expect(stdout).toContain('none of its paths is there');
  });

  test('a file that is no archive is a miss and no failure', async () => {
    const step = await caches.restore(build, job, { key: 'k', restoreKeys: [], paths: ['deps'] });
    const env = { ...step.env, CACHE_MATCHED_KEY: 'k' };
    const inputs = { 'cache.tar.gz': Buffer.from('no archive') };
    expect(await run(second, { ...step, env }, inputs)).toMatchObject({
      exit: 0,
      outputs: 'cache-hit=false\ncache-matched-key=\n',
    });
  });

  test('keys and paths are only ever data', async () => {
    const cache = { key: '$(touch pwned) %s `id`', restoreKeys: [], paths: ['$(touch pwned)', 'deps'] };
    await write(first.workspace, { 'deps/a': 'x' });
    const { stdout } = await save(cache);
    expect(stdout).toContain(cache.key);
    const { outputs } = await restore(cache);
    expect(outputs).toContain(`cache-matched-key=${cache.key}\n`);
    for (const node of [first, second]) await expect(read(node.workspace, 'pwned')).rejects.toThrow('ENOENT');
  });

  /** Runs the save step on the first node, and does what the gateway does with what it leaves. */
  async function save(cache: Cache) {
    const step = await caches.save(build, job, cache);
    if (step === null) throw new Error('the key is taken');
    const outcome = await run(first, step);
    const content = await readFile(join(first.uploads, 'cache.tar.gz')).catch(() => undefined);
    if (content === undefined) return outcome;
    const [bytes, sha256] = [content.length, createHash('sha256').update(content).digest('hex')];
    const file = {
      artifact_id: 's',
      path: 'cache.tar.gz',
      blob: `artifacts/s/${sha256}`,
      bytes,
      sha256,
      mode: 0o644,
      link: null,
      tar_offset: null,
    };
    await blobs.put(file.blob, content, { bytes, sha256 }, AbortSignal.timeout(10_000));
    await caches.commit(build, job, cache, file);
    return outcome;
  }

  async function restore(cache: Cache) {
    const step = await caches.restore(build, job, cache);
    const files: Record<string, Buffer> = {};
    for (const { name, sha256 } of step.inputs) {
      const { stream } = await blobs.get(`artifacts/s/${sha256}`, {}, AbortSignal.timeout(10_000));
      files[name] = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>));
    }
    return run(second, step, files);
  }

  async function run(
    node: ScriptNode,
    step: { script: string; env: Record<string, string> },
    inputs: Record<string, Buffer> = {},
  ) {
    // GNU tar with the one, busybox' with the other.
    const env = shell[0] === BUSYBOX ? { PATH: await busyboxPath() } : {};
    return node.run(step, { shell, env, inputs });
  }
});

/** A folder of links that make every program busybox. */
async function busyboxPath(): Promise<string> {
  const programs = join(folder, 'programs');
  await mkdir(programs, { recursive: true });
  const names = ['cat', 'cp', 'gzip', 'ln', 'mkdir', 'mv', 'rm', 'sed', 'sort', 'tar'];
  for (const name of names) await symlink(BUSYBOX, join(programs, name)).catch(() => undefined);
  return `${programs}:/none`;
}

async function write(root: string, files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

function read(root: string, path: string): Promise<string> {
  return readFile(join(root, path), 'utf8');
}
