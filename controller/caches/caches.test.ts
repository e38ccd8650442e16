import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFsBlobs, type Blobs } from '#controller/blobs';
import { openStore, type Build, type Job, type Store, type StoredFile } from '#controller/store';
import type { Cache } from '#shared/pipeline';
import { createCaches, type Caches } from './index.ts';

const DAY_MS = 24 * 60 * 60_000;
const never = new AbortController().signal;
const job = { id: 'a-job' } as Job;
const clock = {
  time: 0,
  now: () => clock.time,
  after: () => () => undefined,
};

let folder: string;
let store: Store;
let blobs: Blobs;
let caches: Caches;

beforeEach(async () => {
  clock.time = 100 * DAY_MS;
  folder = await mkdtemp(join(tmpdir(), 'footman-caches-'));
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
  blobs = await openFsBlobs({ folder, secret: 'a secret of these tests, and of nobody else' });
  caches = createCaches({ store, blobs, clock, limitBytes: () => 100 });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe('looking for an entry', () => {
  test('the very key wins, then the beginnings in their order, then the newest', async () => {
    const build = trusted();
    for (const key of ['npm-1', 'npm-2', 'yarn-3']) await save(build, key);
    expect(await hit(build, 'npm-1', ['npm-', 'yarn-'])).toBe('npm-1');
    expect(await hit(build, 'npm-9', ['npm-', 'yarn-'])).toBe('npm-2');
    expect(await hit(build, 'npm-9', ['yarn-', 'npm-'])).toBe('yarn-3');
    expect(await hit(build, 'npm-9', ['pip-'])).toBeNull();
    // The key itself is no beginning.
    expect(await hit(build, 'npm-', [])).toBeNull();
  });

  test('what is restored is the file that was saved', async () => {
    const file = await save(trusted(), 'npm-1');
    const { inputs } = await caches.restore(trusted(), job, cache('npm-1'));
    expect(inputs).toMatchObject([{ name: 'cache.tar.gz', bytes: file.bytes, sha256: file.sha256 }]);
  });

  test('other paths are another cache', async () => {
    await save(trusted(), 'npm-1');
    expect(await caches.restore(trusted(), job, { ...cache('npm-1'), paths: ['other'] })).toMatchObject({
      hit: null,
    });
  });

  test('an entry whose file is gone is no hit, and its key can be saved again', async () => {
    const file = await save(trusted(), 'npm-1');
    await save(trusted(), 'npm-0', 10, 1);
    await blobs.remove(file.blob, never);
    expect(await hit(trusted(), 'npm-1', ['npm-'])).toBe('npm-0');
    expect(await caches.save(trusted(), job, cache('npm-1'))).not.toBeNull();
  });

  test.each([
    ['a key that is too long', cache('k'.repeat(513)), 'at most 512 characters'],
    ['an empty key', cache(''), 'is empty'],
    ['a key of two lines', cache('a\ncache-hit=true'), 'one line'],
    ['a path that leads out', { ...cache('a'), paths: ['~/../../etc'] }, 'leads out'],
    ['an absolute path', { ...cache('a'), paths: ['/etc'] }, 'neither relative'],
    ['folders without number', { ...cache('a'), paths: ['**/node_modules'] }, 'has **'],
  ])('%s makes the step fail and say so', async (_, wrong, sentence) => {
    const { env, hit, inputs } = await caches.restore(trusted(), job, wrong);
    expect({ hit, inputs }).toEqual({ hit: null, inputs: [] });
    expect(env['CACHE_PROBLEM']).toContain(sentence);
    expect(await caches.save(trusted(), job, wrong)).toBeNull();
  });
});

describe('whose entries a build restores', () => {
  test('builds of one project share them, whatever the pipeline; others do not see them', async () => {
    await save(trusted({ project_id: 'p1', pipeline: 'a' }), 'k');
    expect(await hit(trusted({ project_id: 'p1', pipeline: 'b' }), 'k')).toBe('k');
    expect(await hit(trusted({ project_id: 'p2', pipeline: 'a' }), 'k')).toBeNull();
    expect(await hit(trusted({ pipeline: 'a' }), 'k')).toBeNull();
  });

  test('without a project, builds of one pipeline share them, and no name of one leads elsewhere', async () => {
    await save(trusted({ pipeline: 'a' }), 'k');
    await save(fork({ pipeline: 'a' }, 1), 'poison');
    expect(await hit(trusted({ pipeline: 'a' }), 'k')).toBe('k');
    expect(await hit(trusted({ pipeline: 'b' }), 'k')).toBeNull();
    expect(await hit(trusted({ pipeline: 'a#pr-1' }), 'poison')).toBeNull();
  });

  test.each([
    ['from a fork', fork],
    ['of a pull request of our own', pullRequest],
  ])("a build %s restores everybody's, and saves for itself alone", async (_, of) => {
    await save(trusted(), 'ours');
    expect(await hit(of({}, 1), 'ours')).toBe('ours');
    expect(await caches.save(of({}, 1), job, cache('ours'))).toBeNull();
    await save(of({}, 1), 'poison', 10, 1);
    expect(await hit(of({}, 1), 'poison')).toBe('poison');
    expect(await hit(of({}, 2), 'poison')).toBeNull();
    expect(await hit(trusted(), 'poison', ['poison', 'p'])).toBeNull();
  });

  test('a build from a fork without a pull request is alone with what it saves', async () => {
    const build = { ...trusted(), id: 'b1', trust: 'fork' } as Build;
    await save(build, 'poison');
    expect(await hit(build, 'poison')).toBe('poison');
    expect(await hit({ ...build, id: 'b2' }, 'poison')).toBeNull();
    expect(await hit(trusted(), 'poison')).toBeNull();
  });
});

describe('saving', () => {
  test('of two with one key the first stays, and the file of the other goes', async () => {
    const first = await save(trusted(), 'k');
    const second = await save(trusted(), 'k');
    expect(await blobs.head(first.blob, never)).toBeDefined();
    expect(await blobs.head(second.blob, never)).toBeUndefined();
  });

  test('saying it again keeps the file', async () => {
    const file = await save(trusted(), 'k');
    await caches.commit(trusted(), job, cache('k'), file);
    expect(await blobs.head(file.blob, never)).toBeDefined();
    expect(await hit(trusted(), 'k')).toBe('k');
  });

  test('a key that is there is not packed again', async () => {
    expect(await caches.save(trusted(), job, cache('k'))).not.toBeNull();
    await save(trusted(), 'k');
    expect(await caches.save(trusted(), job, cache('k'))).toBeNull();
  });
});

describe('making room', () => {
  test('the least recently used go until the rest fits', async () => {
    const files = [];
    for (const key of ['a', 'b', 'c']) files.push(await save(trusted(), key, 40));
    expect(await hit(trusted(), 'a')).toBe('a');
    clock.time += DAY_MS;
    await caches.run(never);
    expect(await Promise.all(['a', 'b', 'c'].map((key) => hit(trusted(), key)))).toEqual(['a', null, 'c']);
    const left = await Promise.all(files.map(({ blob }) => blobs.head(blob, never)));
    expect(left.map((stored) => stored !== undefined)).toEqual([true, false, true]);
  });

  test('one that was used a moment ago stays: an agent may be downloading it', async () => {
    await save(trusted(), 'a', 200);
    await caches.run(never);
    expect(await hit(trusted(), 'a')).toBe('a');
  });

  test('what nobody used for a week goes, though there is room', async () => {
    const file = await save(trusted(), 'a');
    await save(trusted(), 'b');
    clock.time += 6 * DAY_MS;
    expect(await hit(trusted(), 'b')).toBe('b');
    clock.time += DAY_MS;
    await caches.run(never);
    expect(await hit(trusted(), 'a')).toBeNull();
    expect(await hit(trusted(), 'b')).toBe('b');
    expect(await blobs.head(file.blob, never)).toBeUndefined();
  });

  test('a removal that broke off is not visible, and ended by the next run', async () => {
    const file = await save(trusted(), 'a', 200);
    clock.time += DAY_MS;
    const broken: Blobs = { ...blobs, remove: () => Promise.reject(new Error('the disk is gone')) };
    await expect(
      createCaches({ store, blobs: broken, clock, limitBytes: () => 1 }).run(never),
    ).rejects.toThrow('disk');
    expect(await hit(trusted(), 'a')).toBeNull();
    await caches.run(never);
    expect(await blobs.head(file.blob, never)).toBeUndefined();
    expect(await caches.save(trusted(), job, cache('a'))).not.toBeNull();
  });

  test('more entries than one look shows are no matter', async () => {
    for (let i = 0; i < 250; i++) await save(trusted(), `k${i}`, 1);
    clock.time += 8 * DAY_MS;
    await caches.run(never);
    expect(await Array.fromAsync(blobs.list('', never))).toEqual([]);
  });
});

function cache(key: string, restoreKeys: string[] = []): Cache {
  return { key, restoreKeys, paths: ['node_modules'] };
}

async function hit(build: Build, key: string, restoreKeys: string[] = []): Promise<string | null> {
  return (await caches.restore(build, job, cache(key, restoreKeys))).hit;
}

let uploads = 0;

/** What the gateway does: the agent has stored a file; a millisecond passes, or the time that is given. */
async function save(build: Build, key: string, bytes = 10, ms = 1): Promise<StoredFile> {
  const content = Buffer.alloc(bytes, key);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const blob = `artifacts/step/${uploads++}`;
  await blobs.put(blob, content, { bytes, sha256 }, never);
  const file = {
    artifact_id: 'step',
    path: 'cache.tar.gz',
    blob,
    bytes,
    sha256,
    mode: 0o644,
    link: null,
    tar_offset: null,
  };
  clock.time += ms;
  await caches.commit(build, job, cache(key), file);
  return file;
}

function trusted(change: Partial<Build> = {}): Build {
  return {
    id: 'b',
    pipeline: 'ci',
    project_id: null,
    trust: 'trusted',
    trigger: { event: 'push', branch: 'main' },
    ...change,
  } as Build;
}

function fork(change: Partial<Build>, number: number): Build {
  return { ...pullRequest(change, number), trust: 'fork' };
}

function pullRequest(change: Partial<Build>, number: number): Build {
  const request = { number, title: 't', author: 'a', branch: 'b', base: 'main', fork: false };
  return { ...trusted(change), trigger: { event: 'pull-request', pullRequest: request } };
}
