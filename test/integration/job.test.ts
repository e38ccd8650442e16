import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { stepNamed } from '#test/pipelines';

let controller: EmbeddedController;

beforeAll(async () => {
  controller = await startEmbeddedController(
    'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }',
  );
});

afterAll(() => controller.dispose());

describe('a job', () => {
  test('runs its steps in order, in one workspace, and ends with the result of the last', async () => {
    const build = await run(`
      - { name: one, run: "echo hello > file; pwd" }
      - { name: two, run: cat file }`);
    expect(build.result).toBe('success');
    expect(await logOf(build, 'two')).toBe('hello\n');
  });

  test('a failing step skips the rest; exit code and reason are told', async () => {
    const build = await run(`
      - { name: bad, run: "echo oh; exit 7" }
      - { name: never, run: "true" }`);
    expect(build).toMatchObject({ result: 'failure', jobs: [{ reason: 'step bad exited with 7' }] });
    expect(stepNamed(build, 'bad')).toMatchObject({ exitCode: 7, result: 'failure' });
    expect(stepNamed(build, 'never')).toMatchObject({ state: 'finished', result: 'skipped' });
  });

  test('a signal is told as a signal', async () => {
    const build = await run('\n      - { name: bad, run: "kill -KILL $$" }');
    expect(stepNamed(build, 'bad')).toMatchObject({ result: 'failure', exitCode: null, signal: 'SIGKILL' });
  });

  test('environment and outputs pass from step to step', async () => {
    const build = await run(`
      - run: echo "COLOUR=green" >> "$FOOTMAN_ENV"
      - { name: shows, run: 'echo "$COLOUR $LEVEL $FOOTMAN_JOB"', env: { LEVEL: step } }`);
    expect(await logOf(build, 'shows')).toBe('green step a\n');
  });

  test('a step that takes too long is ended, with what it started', async () => {
    const build = await run(
      '\n      - { name: slow, timeout: 1s, run: "echo begun; sleep 600 & sleep 600" }',
    );
    expect(build.result).toBe('timed-out');
    expect(await logOf(build, 'slow')).toMatch(/^begun\n/);
  });

  test('a step may print its last line without a newline, and nothing at all', async () => {
    const build = await run(`
      - { name: partial, run: printf end }
      - { name: silent, run: "true" }`);
    expect([await logOf(build, 'partial'), await logOf(build, 'silent')]).toEqual(['end', '']);
  });
});

test('jobs wait for what they need, and are skipped when that fails', async () => {
  const { id } = await controller.api.submit(`
jobs:
  first: { runs-on: linux, steps: [{ run: "true" }] }
  second: { runs-on: linux, needs: first, steps: [{ run: "false" }] }
  third: { runs-on: linux, needs: [first, second], steps: [{ run: "true" }] }
`);
  const build = await controller.api.finished(id);
  expect(build.jobs.map(({ key, result }) => [key, result])).toEqual([
    ['first', 'success'],
    ['second', 'failure'],
    ['third', 'skipped'],
  ]);
  expect(build.result).toBe('failure');
});

test('cancelling ends a running step and a waiting job', async () => {
  const { id } = await controller.api.submit(`
jobs:
  long: { runs-on: linux, steps: [{ name: long, run: "echo begun; sleep 600" }] }
  later: { runs-on: linux, needs: long, steps: [{ run: "true" }] }
`);
  const step = stepNamed(await controller.api.build(id), 'long');
  await controller.api.logged(step.id, 'begun');
  await controller.api.post(`/builds/${id}/cancel`, {});
  const build = await controller.api.finished(id);
  expect(build.result).toBe('cancelled');
  expect(build.jobs.map(({ result }) => result)).toEqual(['cancelled', 'cancelled']);
});

test('artifacts are uploaded, with names, sizes and content, and seen all at once', async () => {
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps: [{ run: 'mkdir -p out/sub; printf one > out/a.txt; printf "drei" > "out/sub/ü b.txt"; printf no > out/skip.log' }]
    artifacts: [{ name: out, paths: ["out/**"], exclude: ["**/*.log"] }]
`);
  const build = await controller.api.finished(id);
  const [artifact] = build.jobs[0]?.artifacts ?? [];
  expect(artifact).toMatchObject({ name: 'out', state: 'complete', files: 2, bytes: 7 });
  const { files } = await controller.api.get<{ files: { path: string }[] }>(
    `/artifacts/${artifact?.id}/files`,
  );
  expect(files.map(({ path }) => path).sort()).toEqual(['out/a.txt', 'out/sub/ü b.txt']);
});

test('every job gets a node of its own, which is gone afterwards with its folder (I1)', async () => {
  const { id } = await controller.api.submit(`
jobs:
  a: { runs-on: linux, steps: [{ name: a, run: 'echo "$FOOTMAN_NODE_ID"; touch leftover; sleep 600 >/dev/null 2>&1 &' }] }
  b: { runs-on: linux, needs: a, steps: [{ name: b, run: 'echo "$FOOTMAN_NODE_ID"; ls' }] }
`);
  const build = await controller.api.finished(id);
  const [first, second] = [await logOf(build, 'a'), await logOf(build, 'b')];
  expect(second.trim()).not.toBe(first.trim());
  expect(second.trim()).toMatch(/^[a-z0-9]{16}$/);
  await controller.api.drained();
  expect(await readdir(join(controller.data, 'clouds', 'local'))).toEqual([]);
});

async function run(steps: string) {
  const { id } = await controller.api.submit(`jobs:\n  a:\n    runs-on: linux\n    steps:${steps}\n`);
  return controller.api.finished(id);
}

async function logOf(build: Awaited<ReturnType<typeof run>>, step: string): Promise<string> {
  return controller.api.log(stepNamed(build, step).id);
}
