import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildList } from '#controller/api';
import { createPlace, type Place, type Running } from '#test/footman';
import { numberedLines } from '#test/pipelines';

let place: Place;
let controller: Running;

beforeAll(async () => {
  place = await createPlace();
  controller = await serve();
});

afterAll(async () => {
  controller.child.kill('SIGKILL');
  await controller.ended;
  await place[Symbol.asyncDispose]();
});

async function serve(listen = '127.0.0.1:0'): Promise<Running> {
  const running = place.start('serve', '--listen', listen);
  await running.said('listening on ');
  return running;
}

test('says where it listens and where the token is, and commands find it', async () => {
  const pipeline = 'jobs: { a: { runs-on: linux, steps: [{ run: echo hi }] } }\n';
  const { exit, out } = await place.run('run', await place.write('ok.yaml', pipeline));
  expect(exit).toBe(0);
  expect(out).toContain('[a] hi');
  const [, url, tokenFile] = told();
  place.env['FOOTMAN_TOKEN_FILE'] = tokenFile;
  const listed = await place.run('--controller', url ?? '', '--json', 'builds');
  expect((JSON.parse(listed.out) as BuildList).builds).toMatchObject([{ number: 1, result: 'success' }]);
});

test('a follower of a log stays while the controller is killed and comes back, and misses no byte', async () => {
  const lines = 400;
  const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "line $i"; sleep 0.01; done`;
  const pipeline = `jobs: { a: { runs-on: linux, steps: [{ name: count, run: '${script}' }] } }\n`;
  const run = place.start('run', await place.write('count.yaml', pipeline));
  await run.said('[a] line 20\n');
  const [, url] = told();
  const log = place.start('logs', '-f', '2/a/count');
  await log.said('line 40\n');

  controller.child.kill('SIGKILL');
  await controller.ended;
  controller = await serve(new URL(url ?? '').host);

  expect((await log.ended).out).toBe(numberedLines(lines));
  const { exit, out } = await run.ended;
  expect(exit).toBe(0);
  expect(out.match(/^\[a\] line \d+$/gm)).toEqual(
    numberedLines(lines)
      .trim()
      .split('\n')
      .map((line) => `[a] ${line}`),
  );
});

test('cancel asks a build to stop, and the one who watches it is told', async () => {
  const pipeline = 'jobs: { a: { runs-on: linux, steps: [{ run: echo up; sleep 60 }] } }\n';
  const run = place.start('run', await place.write('long.yaml', pipeline));
  await run.said('[a] up');
  const { out } = await place.run('cancel', '3/a');
  expect(out).toBe('job a of build 3 is being cancelled\n');
  expect((await run.ended).exit).toBe(130);
  expect((await place.run('cancel', '3')).out).toBe('build 3 has ended: cancelled\n');
});

test('artifacts are downloaded from wherever the controller is', async () => {
  const pipeline =
    'jobs: { a: { runs-on: linux, steps: [{ run: mkdir -p "d e"; echo 1 > "d e/ü"; chmod +x "d e/ü" }], artifacts: [{ name: out, paths: ["**"] }] } }\n';
  const { out } = await place.run('run', await place.write('files.yaml', pipeline));
  expect(out).toContain('artifact out of a (1 file, 2 B): footman artifacts get 4 a out\n');
  const got = await place.run('artifacts', 'get', '4', '--to', 'got');
  expect(got.out).toBe(`${join(place.folder, 'got/a/out/d e/ü')}\n`);
});

test('another controller on the same data is refused', async () => {
  const { exit, err } = await place.run('serve', '--listen', '127.0.0.1:0');
  expect(exit).toBe(75);
  expect(err).toContain('another controller uses the data folder');
});

test('SIGTERM ends it in order', async () => {
  controller.child.kill('SIGTERM');
  expect((await controller.ended).exit).toBe(0);
});

function told(): RegExpExecArray {
  const line = /^listening on (\S+); the administrator's token is in (\S+)$/m.exec(controller.output());
  if (line === null) throw new Error('the controller did not say where it listens');
  return line;
}
