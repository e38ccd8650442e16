import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JobList } from '#controller/api';
import { moveArtifact } from '#controller/artifacts';
import { startApiServer, type ApiServer } from '#test/api-server';
import { createPlace, type Place } from '#test/footman';
import { startStallingProxy, type StallingProxy } from '#test/stalling-proxy';
import { storeArtifact, type Stored } from '#test/stored-artifact';

const run = promisify(execFile);

const BIG = randomBytes(8 * 1024 * 1024);

const FILES: Stored[] = [
  { path: 'big', content: BIG },
  { path: 'bin/tool', content: '#!/bin/sh\n', mode: 0o755 },
  { path: 'bin/with\na line', content: 'x', mode: 0o600 },
  { path: 'empty', content: '' },
  { path: 'tool', link: 'bin/tool' },
];

let api: ApiServer;
let proxy: StallingProxy;
let place: Place;
/** Number of the build that left all of `FILES`. */
let number: string;
let id: string;

beforeAll(async () => {
  api = await startApiServer();
  proxy = await startStallingProxy(api.url);
  place = await createPlace();
  Object.assign(place.env, { FOOTMAN_URL: proxy.url, FOOTMAN_TOKEN: api.admin });
  const stored = await storeArtifact(api, FILES);
  number = String(stored.build.number);
  id = stored.id;
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await proxy.close();
  await api.dispose();
});

describe('footman artifacts get', () => {
  beforeEach(() => rm(join(place.folder, 'got'), { recursive: true, force: true }));

  test('brings files with their modes and links, which sha256sum checks', async () => {
    const { exit, out, err } = await get();
    expect([exit, err]).toEqual([0, '']);
    expect(out).toContain(`${at('bin/tool')}\n`);
    expect((await stat(at('bin/tool'))).mode & 0o777).toBe(0o755);
    expect((await stat(at('bin/with\na line'))).mode & 0o777).toBe(0o600);
    expect(await readlink(at('tool'))).toBe('bin/tool');
    await writeFile(at('SHA256SUMS'), await (await api.call(`/artifacts/${id}/SHA256SUMS`)).text());
    expect(
      (await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: at('') })).stdout.match(/: OK$/gm),
    ).toHaveLength(4);
    expect((await readdir(at(''))).toSorted()).toEqual(['SHA256SUMS', 'big', 'bin', 'empty', 'tool']);
  });

  test('brings nothing again that is there, and mends what is not as it should be', async () => {
    await get();
    await writeFile(at('empty'), 'no');
    await chmod(at('bin/tool'), 0o600);
    const before = proxy.asked.length;
    expect((await get()).exit).toBe(0);
    expect(proxy.asked.slice(before).filter(({ path }) => path.includes('/files/'))).toEqual([]);
    expect(await readFile(at('empty'), 'utf8')).toBe('');
    expect((await stat(at('bin/tool'))).mode & 0o777).toBe(0o755);
  });

  test('goes on where its connection broke', async () => {
    const broken = proxy.break('/files/big', 1_000_000);
    const before = proxy.asked.length;
    const [{ exit }] = await Promise.all([get(), broken]);
    expect(exit).toBe(0);
    expect(await digestOf(at('big'))).toBe(sha256(BIG));
    const ranges = proxy.asked.slice(before).filter(({ path }) => path.endsWith('/files/big'));
    expect(ranges).toEqual([
      expect.objectContaining({ range: undefined }),
      expect.objectContaining({ range: expect.stringMatching(/^bytes=\d{4,}-$/) }),
    ]);
  });

  test('goes on where it was killed, unless what it had is damaged', async () => {
    await interrupted();
    let before = proxy.asked.length;
    expect((await get()).exit).toBe(0);
    expect(rangesSince(before)).toEqual([expect.stringMatching(/^bytes=\d{4,}-$/)]);
    expect(await digestOf(at('big'))).toBe(sha256(BIG));

    await rm(at('big'));
    await interrupted();
    const [part = ''] = await partFiles();
    await writeFile(part, 'damaged', { flag: 'r+' });
    before = proxy.asked.length;
    expect((await get()).exit).toBe(0);
    expect(rangesSince(before)).toEqual([expect.stringMatching(/^bytes=\d{4,}-$/), undefined]);
    expect(await digestOf(at('big'))).toBe(sha256(BIG));
  });

  test('brings single files and folders, and all of a build into a folder for each artifact', async () => {
    expect((await get('bin', 'empty')).exit).toBe(0);
    expect((await readdir(at(''))).toSorted()).toEqual(['bin', 'empty']);
    await rm(at(''), { recursive: true });
    expect((await place.run('artifacts', 'get', number, '--to', 'got')).exit).toBe(0);
    expect(await digestOf(at('a/out/big'))).toBe(sha256(BIG));
    const { exit, err } = await get('bin/tol');
    const hint = 'hint: did you mean bin/tool?';
    expect([exit, err]).toEqual([66, `footman: artifact out has no file or folder bin/tol\n${hint}\n`]);
  });

  test('says what is not there, and waits for it if it is to', async () => {
    const {
      build,
      job,
      id: late,
    } = await storeArtifact(api, [{ path: 'x', content: 'x' }], { state: 'collecting' });
    const name = String(build.number);
    const early = await place.run('artifacts', 'get', name, '--to', 'got');
    expect(early.exit).toBe(75);
    expect(early.err).toBe(
      'footman: artifact out of a is collecting\nhint: with --wait this command waits for it\n',
    );
    const waiting = place.start('artifacts', 'get', name, '--to', 'got', '--wait');
    while (!proxy.asked.some(({ path }) => path.includes(`events?build=${build.id}`)))
      await new Promise((resolve) => void setImmediate(resolve));
    await api.journal.commit((tx) =>
      moveArtifact(tx, { id: job.id, build_id: build.id }, late, ['collecting'], 'complete', { files: 1 }),
    );
    expect((await waiting.ended).exit).toBe(0);
    expect(await readFile(at('a/out/x'), 'utf8')).toBe('x');
    await api.store.db
      .updateTable('artifacts')
      .set({ state: 'empty', files: 0 })
      .where('id', '=', late)
      .execute();
    const empty = await place.run('artifacts', 'get', name, '--to', 'got');
    expect([empty.exit, empty.err]).toEqual([0, 'Nothing was left as out: it is empty.\n']);
    await api.store.db.updateTable('artifacts').set({ state: 'expired' }).where('id', '=', late).execute();
    const gone = await place.run('artifacts', 'get', name, '--to', 'got');
    expect([gone.exit, gone.err]).toEqual([66, 'footman: artifact out of a is expired\n']);
    const cat = await place.run('artifacts', 'cat', name, 'a', 'out', 'x');
    expect([cat.exit, cat.err]).toEqual([66, 'footman: artifact out is expired\n']);
  });

  test.each(['../escaped', '/tmp/escaped', 'a/../../escaped', 'a\\b', 'a//b', './a'])(
    'takes no file at %j',
    async (path) => {
      const hostile = await storeArtifact(api, [{ path, content: 'x' }]);
      const { exit, err } = await getFrom(hostile.build.number);
      expect(exit).toBe(76);
      expect(err).toContain('wants to leave its folder');
      expect(await readdir(place.folder)).not.toContain('escaped');
    },
  );

  test('makes no link that leads out, and writes through none', async () => {
    const hostile = await storeArtifact(api, [
      { path: 'dir/x', content: 'x' },
      { path: 'out', link: '../..' },
      { path: 'in', link: 'dir/x' },
    ]);
    const { exit, err } = await getFrom(hostile.build.number);
    expect(exit).toBe(0);
    expect(err).toBe('footman: artifact out: left out a link that leads out of it: "out -> ../.."\n');
    expect((await readdir(at(''))).toSorted()).toEqual(['dir', 'in']);

    await rm(at(''), { recursive: true });
    const elsewhere = join(place.folder, 'elsewhere');
    await mkdir(elsewhere);
    await mkdir(at(''));
    await symlink(elsewhere, at('dir'));
    const refused = await getFrom(hostile.build.number);
    expect(refused.exit).toBe(75);
    expect(refused.err).toContain(`${at('dir')} is in the way: it is no folder`);
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test('keeps nothing that is not what was announced', async () => {
    const { build, id: altered } = await storeArtifact(api, [{ path: 'x', content: 'right' }]);
    await api.store.db
      .updateTable('artifact_files')
      .set({ sha256: sha256(Buffer.from('other')) })
      .where('artifact_id', '=', altered)
      .execute();
    const { exit } = await getFrom(build.number);
    expect(exit).not.toBe(0);
    expect(await readdir(at(''))).not.toContain('x');
  });
});

test('footman artifacts lists artifacts, and their files', async () => {
  const { out } = await place.run('artifacts', number);
  expect(out).toBe(`a\tout\tcomplete\t5\t${BIG.length + 11}\t\n`);
  const files = await place.run('artifacts', 'ls', number, 'a', 'out', '--files');
  expect(files.out).toContain(`a\tout\t0755\t10\t${sha256(Buffer.from('#!/bin/sh\n'))}\tbin/tool\n`);
  expect(files.out).toContain('\tbin/with\\na line\n');
  expect(files.out).toContain('a\tout\tlink\t0\t\ttool -> bin/tool\n');
  for (const [name, hint] of [
    ['nope', 'there are out'],
    ['outs', 'did you mean out?'],
  ] as const) {
    const { exit, err } = await place.run('artifacts', 'ls', number, 'a', name);
    const sentence = `footman: job a of build ${number} has no artifact ${name}`;
    expect([exit, err]).toEqual([66, `${sentence}\nhint: ${hint}\n`]);
  }
});

test('footman artifacts cat prints a file, or a range of it', async () => {
  expect((await place.run('artifacts', 'cat', number, 'a', 'out', 'bin/tool')).out).toBe('#!/bin/sh\n');
  const part = await place.run('artifacts', 'cat', number, 'a', 'out', 'bin/tool', '--range', '2-5');
  expect(part.out).toBe('/bin');
  const beyond = await place.run('artifacts', 'cat', number, 'a', 'out', 'bin/tool', '--range', '99-');
  expect([beyond.exit, beyond.err]).toEqual([64, 'footman: it has 10 bytes, and none in that range\n']);
  expect((await place.run('artifacts', 'cat', number, 'a', 'out', 'bin/tool', '--range', 'x')).exit).toBe(64);
  const { exit, err } = await place.run('artifacts', 'cat', number, 'a', 'out', 'nope');
  const hint = 'hint: `footman artifacts ls --files` lists what there is';
  expect([exit, err]).toEqual([66, `footman: artifact out has no file nope\n${hint}\n`]);
});

test('footman artifacts link gives what anybody can download', async () => {
  const { out } = await place.run('artifacts', 'link', number, 'a', 'out', 'bin/tool', '--for', '1h');
  expect(await (await fetch(out.trim())).text()).toBe('#!/bin/sh\n');
  const long = await place.run('artifacts', 'link', number, 'a', 'out', '--for', '8d');
  expect([long.exit, long.err]).toEqual([64, expect.stringContaining('it is longer than 7d')]);
});

test('footman jobs lists the jobs that fit', async () => {
  const all = await place.run('jobs', '-n', '100');
  expect(all.out).toMatch(new RegExp(`^${number}/a\t1\trunning\ta\t`, 'm'));
  const none = await place.run('jobs', '--result', 'failure', '--since', '1h', '--label', 'x');
  expect([none.exit, none.out]).toEqual([0, '']);
  const { out } = await place.run('--json', 'jobs', '-n', '1', '--state', 'running', '--pipeline', 'a');
  const { jobs, next } = JSON.parse(out) as JobList;
  expect(jobs).toHaveLength(1);
  expect(next).toBe(jobs[0]?.id);
  const { exit, err } = await place.run('jobs', '--state', 'odd');
  expect(exit).toBe(64);
  expect(err).toContain('write blocked, queued, leased, running or finished');
});

function at(path: string): string {
  return join(place.folder, 'got', path).replace(/\/$/, '');
}

function get(...paths: string[]) {
  return place.run('artifacts', 'get', number, 'a', 'out', ...paths, '--to', 'got');
}

function getFrom(build: number) {
  return place.run('artifacts', 'get', String(build), 'a', 'out', '--to', 'got');
}

async function digestOf(file: string): Promise<string> {
  return sha256(await readFile(file));
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function rangesSince(before: number): (string | undefined)[] {
  return proxy.asked
    .slice(before)
    .filter(({ path }) => path.endsWith('/files/big'))
    .map(({ range }) => range);
}

/** One that is killed in the middle of the big file. */
async function interrupted(): Promise<void> {
  const stalled = proxy.stall('/files/big', 2_000_000);
  const running = place.start('artifacts', 'get', number, 'a', 'out', 'big', '--to', 'got');
  await stalled;
  while (!(await sizes()).some((size) => size > 1_000_000))
    await new Promise((resolve) => void setImmediate(resolve));
  running.child.kill('SIGKILL');
  await running.ended;
}

async function partFiles(): Promise<string[]> {
  const names = await readdir(at('.footman-parts')).catch(() => []);
  return names.map((name) => at(`.footman-parts/${name}`));
}

async function sizes(): Promise<number[]> {
  return Promise.all((await partFiles()).map(async (file) => (await stat(file)).size));
}
