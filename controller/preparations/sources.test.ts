import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sourceKey } from '#controller/projects';
import type { BuildSource } from '#controller/store';
import { openPreparations, pipeline, preparationOf, type PreparationsFixture } from './test-support.ts';

const run = promisify(execFile);
const AUTHOR = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgSign=false'];

let folder: string;
let repository: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-prepared-source-'));
  repository = join(folder, 'repository');
  await mkdir(repository);
  await git('init', '--quiet', '--initial-branch=main');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const FILES = "files: ['packages/**', '*.lock'], steps: [{ checkout: true }, { run: install }]";

describe('a preparation from a source', () => {
  test('makes another image when a file that it names has changed, and for no other reason', async () => {
    await using place = await openPreparations();
    await commit({ 'packages/list': 'a', 'my.lock': '1', 'src/main.c': '1' });
    expect(await imagesOf(place, FILES)).toBe(1);
    await commit({ 'src/main.c': '2' });
    expect(await imagesOf(place, FILES)).toBe(1);
    await commit({ 'packages/list': 'b' });
    expect(await imagesOf(place, FILES)).toBe(2);
    await commit({ 'packages/deep/er/list': 'b' });
    expect(await imagesOf(place, FILES)).toBe(3);
    await git('mv', 'my.lock', 'your.lock');
    await commit({});
    expect(await imagesOf(place, FILES)).toBe(4);
  });

  test('makes another image for each commit when it names no files', async () => {
    await using place = await openPreparations();
    const prepare = 'steps: [{ checkout: true }]';
    await commit({ file: '1' });
    expect(await imagesOf(place, prepare)).toBe(1);
    expect(await imagesOf(place, prepare)).toBe(1);
    await commit({ file: '2' });
    expect(await imagesOf(place, prepare)).toBe(2);
  });

  test('can look into the source of a shallow clone', async () => {
    await using place = await openPreparations();
    await commit({ 'packages/list': 'a' });
    await commit({ 'packages/list': 'b' });
    const shallow = join(folder, 'shallow');
    await git('clone', '--quiet', '--depth=1', `file://${repository}`, shallow);
    const build = await place.submit(pipeline(FILES), { source: await sourceFrom(place, shallow) });
    await place.prepare();
    expect(await preparationOf(place, build)).toMatchObject({ state: 'waiting' });
  });

  test('fails the job when it names files that are not there', async () => {
    await using place = await openPreparations();
    await commit({ other: 'a' });
    const build = await place.submit(pipeline(FILES), { source: await sourceFrom(place, repository) });
    await place.prepare();
    expect(await place.job(build, 'a')).toMatchObject({
      result: 'failure',
      reason: 'prepare.files (packages/**, *.lock) matches no file of the source',
    });
  });
});

/** How many images there are when a build of the repository as it is now has got its own. */
async function imagesOf(place: PreparationsFixture, prepare: string): Promise<number> {
  const build = await place.submit(pipeline(prepare), { source: await sourceFrom(place, repository) });
  await place.prepare();
  const all = await place.preparations();
  const last = all.at(-1);
  if (last !== undefined && last.state !== 'finished') await place.finishPreparation(last);
  await place.prepare();
  expect(await preparationOf(place, build)).toMatchObject({ state: 'prepared' });
  return all.length;
}

async function sourceFrom({ blobs }: PreparationsFixture, path: string): Promise<BuildSource> {
  const file = join(folder, 'source.bundle');
  await run('git', ['-C', path, 'bundle', 'create', '--quiet', file, '--all']);
  const { stdout: head } = await run('git', ['-C', path, 'rev-parse', 'HEAD']);
  const content = await readFile(file);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const expected = { bytes: content.length, sha256 };
  await blobs.put(sourceKey(sha256), content, expected, AbortSignal.timeout(10_000));
  return { blob: sourceKey(sha256), ...expected, commit: head.trim(), ref: null };
}

async function commit(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(repository, name)), { recursive: true });
    await writeFile(join(repository, name), content);
  }
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'A change');
}

async function git(...words: string[]): Promise<void> {
  const env = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  await run('git', [...AUTHOR, ...words], { cwd: repository, env });
}
