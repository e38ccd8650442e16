import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FsckLine } from '#controller/api';
import { createPlace, type Place, type Running } from '#test/footman';

const CONFIGURATION = `
data: data
listen: 127.0.0.1:0
retention: { at-most: 1, at-least: 0, interval: 1d }
clouds: { local: { kind: process, templates: { host: { labels: linux } } } }
`;
const PIPELINE = `
name: nightly
jobs:
  a:
    runs-on: linux
    steps: [{ run: "mkdir out; echo hello > out/a.txt" }]
    artifacts: [{ name: out, paths: ["out/**"] }]
`;

let place: Place;
let controller: Running;

beforeAll(async () => {
  place = await createPlace(CONFIGURATION);
  await place.write('nightly.yaml', PIPELINE);
  controller = place.start('serve');
  await controller.said('listening');
  for (let i = 0; i < 3; i++) expect((await place.run('run', 'nightly.yaml')).exit).toBe(0);
});

afterAll(async () => {
  controller.child.kill('SIGTERM');
  await controller.ended;
  await place[Symbol.asyncDispose]();
});

test('builds are pinned, listed with what becomes of them, and go', async () => {
  expect(await place.run('build', 'pin', '1', '--reason', 'for the customer')).toEqual({
    exit: 0,
    out: 'build 1 is pinned, and stays\n',
    err: '',
  });
  await gone();
  const plan = await place.run('retention', '--dry-run', '--staying');
  expect(plan.out.split('\n').map((line) => line.split('\t'))).toEqual([
    [
      'would go',
      '2',
      'success',
      'nightly',
      '',
      expect.any(String),
      expect.any(String),
      'there are 1 newer ones, and 1 stay',
    ],
    [
      'stays',
      '3',
      'success',
      'nightly',
      '',
      expect.any(String),
      expect.any(String),
      'it is the last good one',
    ],
    [
      'stays',
      '1',
      'success',
      'nightly',
      '',
      expect.any(String),
      expect.any(String),
      expect.stringMatching(/ has pinned it: for the customer$/),
    ],
    [''],
  ]);
  const refused = await place.run('build', 'rm', '1');
  expect(refused).toMatchObject({ exit: 75, err: expect.stringContaining('footman build unpin 1') });
  expect((await place.run('retention')).out).toMatch(/^goes\t2\t/);
  expect((await place.run('builds')).out).not.toMatch(/^2\t/m);
  expect(await place.run('build', 'unpin', '1')).toMatchObject({ out: 'build 1 is not pinned any more\n' });
  expect(await place.run('build', 'rm', '#1')).toMatchObject({
    exit: 0,
    out: 'build 1 is removed, with all that it left\n',
  });
  expect((await place.run('build', 'rm', '1')).exit).toBe(66);
});

test('fsck ends with 0 where all is there, and names what is not', async () => {
  const sound = await place.run('fsck', '--digests');
  expect(sound).toMatchObject({ exit: 0, err: '' });
  expect(sound.out).toMatch(/nothing is damaged, 0 that nobody has\n$/);
  const objects = join(place.data, 'blobs', 'objects', 'artifacts');
  const [artifact = ''] = await readdir(objects);
  await rm(join(objects, artifact, 'manifest.json~'));
  const damaged = await place.run('fsck');
  expect(damaged.exit).toBe(1);
  expect(damaged.out).toContain(
    `missing artifacts/${artifact}/manifest.json (artifact out of 3/a): the manifest is not there\n`,
  );
  const lines = (await place.run('--json', 'fsck')).out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as FsckLine);
  expect(lines.at(-1)).toMatchObject({ kind: 'summary', damaged: 1 });
});

/** A build whose node is not gone is needed. */
async function gone(): Promise<void> {
  while ((await place.run('nodes')).out !== '');
}
