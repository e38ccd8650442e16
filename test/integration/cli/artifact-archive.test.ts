import { execFile } from 'node:child_process';
import { readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, type Place } from '#test/footman';

const run = promisify(execFile);

let place: Place;
let number: string;

beforeAll(async () => {
  place = await createPlace();
  await place.start('serve', '--listen', '127.0.0.1:0').said('listening on ');
  const { exit } = await place.run('run', await place.write('pack.yaml', PACK));
  expect(exit).toBe(0);
  [number = ''] = (await place.run('builds', '-n', '1')).out.split('\t');
});

afterAll(() => place[Symbol.asyncDispose]());

test('what a job left in an archive comes file by file, as it was', async () => {
  const { exit, err } = await place.run('artifacts', 'get', number, 'pack', 'all', '--to', 'got');
  expect([exit, err]).toEqual([0, '']);
  const numbers = await readFile(at('out/numbers'), 'utf8');
  expect(numbers.split('\n').slice(0, -1)).toEqual(
    Array.from({ length: 400_000 }, (_, index) => `${index + 1}`),
  );
  expect((await stat(at('out/tool'))).mode & 0o777).toBe(0o750);
  expect(await readlink(at('out/sub/link'))).toBe('../tool');
  const link = (await place.run('artifacts', 'link', number, 'pack', 'all', '--for', '5m')).out.trim();
  await writeFile(join(place.folder, 'all.tar.zst'), Buffer.from(await (await fetch(link)).arrayBuffer()));
  const listed = await run('sh', ['-c', 'zstd -qdc all.tar.zst | tar -xO out/numbers | tail -n 1'], {
    cwd: place.folder,
  });
  expect(listed.stdout).toBe('400000\n');
});

test('a range in the middle of it is read by itself', async () => {
  const numbers = await readFile(at('out/numbers'), 'utf8');
  const range = ['--range', '2000000-2000099'];
  const { out } = await place.run('artifacts', 'cat', number, 'pack', 'all', 'out/numbers', ...range);
  expect(out).toBe(numbers.slice(2_000_000, 2_000_100));
});

function at(path: string): string {
  return join(place.folder, 'got', path);
}

/** Larger than two frames. */
const PACK = `jobs:
  pack:
    runs-on: linux
    steps:
      - run: |
          mkdir -p out/sub
          seq 400000 > out/numbers
          echo x > out/tool
          chmod 750 out/tool
          ln -s ../tool out/sub/link
    artifacts: [{ name: all, paths: ['out/**'], archive: true }]
`;
