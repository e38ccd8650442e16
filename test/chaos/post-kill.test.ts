import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { stepNamed } from '#test/pipelines';

const CONFIGURATION = `
timeouts: { cancel-grace: 1s }
clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }
`;

let folder: string;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
  controller = await startControllerProcess({ folder, configuration: CONFIGURATION });
});

afterEach(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

test('kill -9 in a post step after a timeout: it goes on, once, and the job keeps its result (I3)', async () => {
  const marks = join(folder, 'marks');
  const go = join(folder, 'go');
  const build = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    timeout: 1s
    steps:
      - { name: long, run: sleep 600 }
      - { name: late, if: always(), run: 'echo late >> ${marks}' }
    post:
      always:
        - { name: collect, run: 'echo begun | tee -a ${marks}; until [ -e ${go} ]; do sleep 0.05; done; echo collected >> ${marks}' }
      failure:
        - { name: mourn, run: 'echo mourned >> ${marks}' }
`);
  const { id } = stepNamed(await controller.api.build(build.id), 'collect');
  await controller.api.logged(id, 'begun');
  await controller.kill();
  await controller.start();
  await controller.kill();
  await controller.start();
  await writeFile(go, '');
  const finished = await controller.api.finished(build.id);

  expect(finished).toMatchObject({ result: 'timed-out', jobs: [{ reason: 'the job took longer than 1s' }] });
  expect(await readFile(marks, 'utf8')).toBe('late\nbegun\ncollected\nmourned\n');
});

test('kill -9 while a step runs that was made from the digest of files: it is not started again', async () => {
  const go = join(folder, 'go');
  const build = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps:
      - { name: write, run: echo one > lock }
      - name: digest
        env: { LOCK: "\${{ hashFiles('lock') }}" }
        run: 'echo two > lock; echo "begun $LOCK"; until [ -e ${go} ]; do sleep 0.05; done; echo "ended $LOCK"'
`);
  const { id } = stepNamed(await controller.api.build(build.id), 'digest');
  await controller.api.logged(id, 'begun');
  await controller.kill();
  await controller.start();
  await writeFile(go, '');
  expect(await controller.api.finished(build.id)).toMatchObject({ result: 'success' });
  const [begun, ended, more] = (await controller.api.log(id)).trim().split('\n');
  expect(ended).toBe(begun?.replace('begun', 'ended'));
  expect(more).toBeUndefined();
});
