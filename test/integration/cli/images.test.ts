import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageStreamList, ImageVersion } from '#controller/api';
import { plannedNode } from '#controller/provisioner';
import { findVersion, insertNode, patchBuild, patchStream } from '#controller/store';
import { runningBuild } from '#test/api-build';
import { startApiServer, type ApiServer } from '#test/api-server';
import { createPlace, type Place } from '#test/footman';
import { putCurrent, putPrepared, putVersion } from '#test/image-versions';

/** A file as the fake cloud exports images. */
const FILE = JSON.stringify({ kind: 'footman-fake-image', content: 'all that is installed' });
const DAY_MS = 24 * 60 * 60_000;

let api: ApiServer;
let place: Place;

beforeAll(async () => {
  api = await startApiServer();
  place = await createPlace();
  Object.assign(place.env, { FOOTMAN_URL: api.url, FOOTMAN_TOKEN: api.admin });
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await api.dispose();
});

describe('footman image ls', () => {
  test('lists streams, and marks what is overdue', async () => {
    const stream = { name: 'old', cloud: 'fake' };
    await putCurrent(api.journal, stream);
    await putCurrent(api.journal, stream, { captured_at: Date.now() - 2 * DAY_MS - 1000 });
    await patchStream(api.store.db, stream, { refresh_after_ms: DAY_MS });
    await putPrepared(api.journal, { digest: 'aaaa1101', title: 'ceph', cloud: 'fake' });
    const { exit, out } = await place.run('image', 'ls');
    expect(exit).toBe(0);
    expect(out).toMatch(/^old\tfake\told-2\.fake\t2d\S* \(overdue\)\told-1\.fake\t2\t2048$/m);
    expect(out).not.toContain('ceph');
    const prepared = (await place.run('image', 'ls', '--prepared')).out;
    expect(prepared).toMatch(/^ceph\tfake\tprepared\/aaaa1101\t\S+\t\t1024$/m);
    expect(prepared).not.toContain('old');
    const { streams } = JSON.parse((await place.run('--json', 'image', 'ls')).out) as ImageStreamList;
    expect(streams.find(({ name }) => name === 'old')).toMatchObject({ overdue: true, versions: 2 });
  });

  test('lists the versions of a stream', async () => {
    const { build, job } = await runningBuild(api);
    const stream = { name: 'listed', cloud: 'fake' };
    await putCurrent(api.journal, stream, { build_id: build.id, job_id: job.id });
    await putVersion(api.journal, stream, { state: 'failed', reason: 'no python' });
    await putVersion(api.journal, stream, { bad: 1, reason: 'no node of it came up' });
    const { out } = await place.run('image', 'ls', 'listed');
    expect(out.split('\n')).toEqual([
      expect.stringMatching(
        /^listed-3\.fake\tfake\tready\tbad\t\S+\t1024\tan import\tno node of it came up$/,
      ),
      expect.stringMatching(/^listed-2\.fake\tfake\tfailed\t\t\S+\t1024\tan import\tno python$/),
      expect.stringMatching(
        new RegExp(`^listed-1\\.fake\\tfake\\tready\\tcurrent\\t\\S+\\t1024\\t${build.number}/a\\t$`),
      ),
      '',
    ]);
  });
});

describe('footman image show', () => {
  test('tells where a version comes from, and who uses it', async () => {
    const { build, job } = await runningBuild(api);
    const stream = { name: 'shown', cloud: 'fake' };
    await putVersion(api.journal, stream);
    const { id } = await putCurrent(api.journal, stream, {
      parent: 'debian:12',
      build_id: build.id,
      job_id: job.id,
      commit_sha: 'c'.repeat(40),
      promotion: { how: 'when-all', clouds: ['fake', 'other'] },
    });
    const template = { cloud: 'fake', name: 'small', digest: 'd', labels: new Set(['linux']) };
    await insertNode(api.store.db, {
      ...plannedNode('user', { template, request: null }, 1),
      version_id: id,
    });
    const { exit, out } = await place.run('image', 'show', 'shown-2.fake');
    expect(exit).toBe(0);
    for (const line of [
      `id\t${id}`,
      'state\tready, current',
      'stream\tshown in fake, number 2',
      'template\tfake/small',
      'size\t1 KiB',
      'made from\tdebian:12',
      `made by\t${build.number}/a`,
      `commit\t${'c'.repeat(40)}`,
      'promotion\twhen fake and other have a good version of the same build',
      'nodes\tuser (planned)',
    ])
      expect(out).toContain(`${line}\n`);
    expect(out).toMatch(/^captured\t[-\d]+ [:\d]+\t/m);
    const shown = JSON.parse((await place.run('--json', 'image', 'show', id)).out) as ImageVersion;
    expect(shown).toMatchObject({ name: 'shown-2.fake', nodes: [{ id: 'user', state: 'planned' }] });
    const node = await place.run('node', 'show', 'user');
    expect(node.out).toContain('version\tshown-2.fake, number 2 of shown\n');
  });

  test('tells when there is none', async () => {
    const { exit, err } = await place.run('image', 'show', 'nothing-1.fake');
    expect(exit).toBe(66);
    expect(err).toContain('there is no image version nothing-1.fake');
  });
});

test('footman image promote, rollback', async () => {
  const stream = { name: 'moved', cloud: 'fake' };
  await putCurrent(api.journal, stream);
  await putVersion(api.journal, stream);
  await putVersion(api.journal, stream, { state: 'failed' });
  expect(await place.run('image', 'promote', 'moved-2.fake')).toMatchObject({
    exit: 0,
    out: 'moved-2.fake is the current version of moved in fake\n',
  });
  expect(await place.run('image', 'promote', 'moved-3.fake')).toMatchObject({
    exit: 75,
    err: expect.stringContaining("moved-3.fake can't be promoted: it is failed"),
  });
  expect(await place.run('image', 'rollback', 'moved', '--cloud', 'fake')).toMatchObject({
    exit: 0,
    out: 'moved in fake: moved-1.fake is current again, instead of moved-2.fake\n',
  });
  expect(await place.run('image', 'rollback', 'moved', '--cloud', 'moon')).toMatchObject({ exit: 66 });
});

test('footman image invalidate', async () => {
  await putPrepared(api.journal, { digest: 'bbbb2201', title: 'rook', cloud: 'fake' });
  expect(await place.run('image', 'invalidate', 'rook')).toMatchObject({
    exit: 0,
    out: 'rook (prepared/bbbb2201) in fake is made anew when a job wants it\n',
  });
  expect((await place.run('image', 'invalidate', 'rook')).out).toBe('there was no image of rook any more\n');
  expect(await place.run('image', 'invalidate', 'nobody')).toMatchObject({ exit: 66 });
});

test('a build that makes a prepared image says so in the list of builds', async () => {
  const { build } = await runningBuild(api);
  await patchBuild(api.store.db, build.id, { trigger: { event: 'preparation' } });
  const { out } = await place.run('builds');
  expect(out).toMatch(new RegExp(`^${build.number}\\t\\S+\\t\\S+\\tpreparation\\t`, 'm'));
});

test('footman image rm, prune', async () => {
  const stream = { name: 'going', cloud: 'fake' };
  const old = await putVersion(api.journal, stream);
  await putCurrent(api.journal, stream);
  await putVersion(api.journal, stream, { state: 'failed', reason: 'no python' });
  expect(await place.run('image', 'rm', 'going-1.fake')).toMatchObject({
    exit: 0,
    out: 'going-1.fake is being removed\n',
  });
  expect((await findVersion(api.store.db, old.id))?.state).toBe('retired');
  expect(await place.run('image', 'rm', 'going-2.fake')).toMatchObject({ exit: 75, out: '' });
  for (const args of [['--dry-run'], []]) {
    const { exit, out } = await place.run('image', 'prune', ...args);
    expect(exit).toBe(0);
    expect(out).toMatch(/^going-3\.fake\tfailed\t1024\tno python$/m);
    expect(out).not.toContain('going-2');
  }
});

describe('an image as a file', () => {
  test('comes in, and goes out as it was', async () => {
    const file = await place.write('image.json', FILE);
    const target = ['--stream', 'files', '--cloud', 'fake', '--template', 'small'];
    const sent = await place.run('image', 'import', file, ...target);
    expect(sent).toMatchObject({ exit: 0, out: expect.stringContaining('image promote files-1.fake\n') });

    const got = await place.run('image', 'export', 'files-1.fake');
    expect(got).toMatchObject({ exit: 0, out: `${join(place.folder, 'files-1.fake.json')}\n` });
    expect(await readFile(got.out.trim(), 'utf8')).toBe(FILE);
    await place.run('image', 'export', 'files-1.fake', '-o', 'sub/copy');
    expect(await readFile(join(place.folder, 'sub/copy'), 'utf8')).toBe(FILE);

    const link = await place.run('image', 'export', '--link', 'files-1.fake');
    expect(await (await fetch(link.out.trim())).text()).toBe(FILE);
    const told = JSON.parse((await place.run('--json', 'image', 'export', '--link', 'files-1.fake')).out);
    expect(told).toMatchObject({ sha256: createHash('sha256').update(FILE).digest('hex') });
  });

  test('does not come out where it was damaged on its way', async () => {
    const target = ['--stream', 'damaged', '--cloud', 'fake', '--template', 'small'];
    await place.run('image', 'import', await place.write('image.json', FILE), ...target);
    const made = JSON.parse((await place.run('--json', 'image', 'export', '--link', 'damaged-1.fake')).out);
    const key = /blobs\/(.*)\?/.exec((made as { url: string }).url)?.[1] ?? '';
    await api.blobs.put(key, Buffer.from(FILE.replace('all', 'ill')), {}, AbortSignal.timeout(5000));
    const { exit, err } = await place.run('image', 'export', 'damaged-1.fake', '-o', 'damaged');
    expect(exit).toBe(76);
    expect(err).toContain('did not arrive as it was stored');
    expect(await readdir(place.folder)).not.toContain('damaged');
  });

  test.each([
    ['without a target', ['image.json'], 64, 'required option'],
    ['of a file that is not there', [...to('small'), 'none.tar'], 66, 'none.tar'],
    ['of a folder', [...to('small'), '.'], 66, 'it is no file'],
    ['for a template that is not there', [...to('none'), 'image.json'], 66, 'fake/none'],
    ['of rubbish', [...to('small'), 'footman.yaml'], 69, 'no image of a fake cloud'],
  ])('is not imported %s', async (_, args, exit, sentence) => {
    await place.write('image.json', FILE);
    const ended = await place.run('image', 'import', ...args);
    expect(ended.err).toContain(sentence);
    expect(ended.exit).toBe(exit);
  });
});

function to(template: string): string[] {
  return ['--stream', 'refused', '--cloud', 'fake', '--template', template];
}
