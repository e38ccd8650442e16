import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { numberedLines, stepNamed } from '#test/pipelines';

const CLOUDS = 'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }';

let folder: string;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
  controller = await startControllerProcess({ folder, configuration: CLOUDS });
});

afterEach(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

test('kill -9 in the middle of a step: the step goes on, the log is complete, the job ends once (I3, I4, L8)', async () => {
  const marks = join(folder, 'marks');
  const build = await controller.api.submit(`
jobs:
  count:
    runs-on: linux
    steps:
      - name: count
        run: |
          echo started >> ${marks}
          i=0
          while [ $i -lt 400 ]; do i=$((i+1)); echo "line $i"; sleep 0.01; done
      - name: after
        run: echo after >> ${marks}
`);
  const step = stepNamed(await controller.api.build(build.id), 'count');
  for (const line of ['line 50\n', 'line 150\n', 'line 250\n']) {
    await controller.api.logged(step.id, line);
    await controller.kill();
    await controller.start();
  }
  const finished = await controller.api.finished(build.id);

  expect(finished.result).toBe('success');
  expect(await controller.api.log(step.id)).toBe(numberedLines(400));
  expect(await readFile(marks, 'utf8')).toBe('started\nafter\n');
  const events = await controller.api.eventsUntil(
    ({ kind, data }) => kind === 'node' && data.state === 'deleted',
  );
  const ends = events.filter(({ kind, data }) => kind === 'job' && data.state === 'finished');
  expect(ends).toHaveLength(1);
});

test('kill -9 while a node is idle: it is adopted and serves its one job', async () => {
  await controller.stop();
  controller = await startControllerProcess({
    folder: join(folder, 'pool'),
    configuration:
      'clouds: { local: { kind: process, templates: { host: { labels: linux, min-ready: 1 } } } }',
  });
  const ready = await controller.api.event(({ kind, data }) => kind === 'node' && data.state === 'ready');
  await controller.kill();
  await controller.start();
  // Its agent has come back by itself.
  await controller.api.event(({ data }) => data.id === ready.data.id && data.connected === true);
  const build = await controller.api.submit('jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }');
  await controller.api.finished(build.id);
  const leased = await controller.api.event(({ kind, data }) => kind === 'node' && data.state === 'leased');
  expect(leased.data.id).toBe(ready.data.id);
});
