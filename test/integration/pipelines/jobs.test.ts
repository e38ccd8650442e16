import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { stepNamed } from '#test/pipelines';

let controller: EmbeddedController;

beforeAll(async () => {
  controller = await startEmbeddedController(
    'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }',
  );
});

afterAll(() => controller.dispose());

test('outputs make a matrix, cells run on nodes of their own, and a last job gathers what they found', async () => {
  const build = await run(`
jobs:
  list:
    runs-on: linux
    outputs: { numbers: "\${{ steps.l.outputs.numbers }}" }
    steps: [{ id: l, run: 'echo "numbers=[2, 3]" >> "$FOOTMAN_OUTPUT"' }]
  square:
    needs: list
    runs-on: linux
    matrix: { n: "\${{ fromJSON(needs.list.outputs.numbers) }}" }
    env: { N: "\${{ matrix.n }}" }
    outputs: { value: "\${{ steps.s.outputs.value }}" }
    steps: [{ id: s, name: square, run: 'echo "value=$((N * N))" >> "$FOOTMAN_OUTPUT"; echo "$FOOTMAN_JOB"' }]
  sum:
    needs: square
    runs-on: linux
    env: { CELLS: "\${{ toJSON(needs.square.cells) }}" }
    steps: [{ name: sum, shell: python, run: 'import json, os; print(sum(int(c["outputs"]["value"]) for c in json.loads(os.environ["CELLS"])))' }]
`);
  expect(build.result).toBe('success');
  expect(build.jobs.map(({ key }) => key)).toEqual(['list', 'square (2)', 'square (3)', 'sum']);
  expect(await controller.api.log(stepNamed(build, 'sum').id)).toBe('13\n');
});

test('a retry is an attempt on a node of its own, with steps and logs of its own', async () => {
  const build = await run(`
jobs:
  flaky:
    runs-on: linux
    retry: { max: 2, on: [7] }
    steps: [{ name: try, run: 'echo "attempt $FOOTMAN_ATTEMPT on $FOOTMAN_NODE_ID"; test "$FOOTMAN_ATTEMPT" = 3 || exit 7' }]
`);
  expect(build.result).toBe('success');
  const attempts = build.jobs.map(({ attempt, result, superseded }) => [attempt, result, superseded]);
  expect(attempts).toEqual([
    [1, 'failure', true],
    [2, 'failure', true],
    [3, 'success', false],
  ]);
  const logs = await Promise.all(
    build.jobs.flatMap(({ steps }) => steps.map(({ id }) => controller.api.log(id))),
  );
  expect(logs.map((log) => log.split(' on ')[0])).toEqual(['attempt 1', 'attempt 2', 'attempt 3']);
  expect(new Set(logs.map((log) => log.split(' on ')[1])).size).toBe(3);
});

test('builds of one group wait for each other, and say so', async () => {
  const source = `
concurrency: one-at-a-time
jobs: { a: { runs-on: linux, steps: [{ name: work, run: "echo begun; sleep 600" }] } }`;
  const first = await controller.api.submit(source);
  const second = await controller.api.submit(source.replace('sleep 600', 'true'));
  const waiting = await controller.api.build(second.id);
  const why = await controller.api.get<{ sentence: string }>(`/jobs/${waiting.jobs[0]?.id}/waiting`);
  expect(why.sentence).toBe(`the build waits for #${first.number} of concurrency group one-at-a-time`);
  const { id } = stepNamed(await controller.api.build(first.id), 'work');
  await controller.api.logged(id, 'begun');
  await controller.api.post(`/builds/${first.id}/cancel`, { force: true });
  expect(await controller.api.finished(second.id)).toMatchObject({ result: 'success' });
});

test('a rerun of what failed has the outputs of what succeeded', async () => {
  const build = await run(`
on: { manual: { parameters: { fail: { default: true } } } }
jobs:
  make:
    runs-on: linux
    outputs: { node: "\${{ steps.m.outputs.node }}" }
    steps: [{ id: m, name: make, run: 'echo "node=$FOOTMAN_NODE_ID" >> "$FOOTMAN_OUTPUT"' }]
  use:
    needs: make
    runs-on: linux
    steps: [{ name: use, run: 'echo "\${{ needs.make.outputs.node }}"; test "$FOOTMAN_BUILD_NUMBER" != "\${{ build.number }}" || exit 1' }]
`);
  expect(build.result).toBe('failure');
  const again = await controller.api.post<BuildView>(`/builds/${build.id}/rerun`, { which: 'failed' });
  const ended = await controller.api.finished(again.id);
  expect(ended.jobs.map(({ key, steps }) => [key, steps.length])).toEqual([
    ['make', 0],
    ['use', 1],
  ]);
  expect(await controller.api.log(stepNamed(ended, 'use').id)).toBe(
    await controller.api.log(stepNamed(build, 'use').id),
  );
});

test('parameters are checked, all at once', async () => {
  const pipeline = `
on: { manual: { parameters: { suite: { type: choice, options: [smoke, full] }, count: { type: number, default: 2 } } } }
jobs: { a: { runs-on: linux, steps: [{ name: show, run: 'echo "\${{ parameters.suite }} \${{ parameters.count }}"' }] } }`;
  const submit = (parameters: object) =>
    controller.api.post<BuildView>('/builds', { file: 'p.yaml', pipeline, parameters });
  await expect(submit({ suite: 'smok', count: 'many', extra: 1 })).rejects.toThrow(
    /there is no parameter extra, and 2 more/,
  );
  const { id } = await submit({ suite: 'full', count: '3' });
  const build = await controller.api.finished(id);
  expect(await controller.api.log(stepNamed(build, 'show').id)).toBe('full 3\n');
});

async function run(source: string): Promise<BuildView> {
  const { id } = await controller.api.submit(source);
  return controller.api.finished(id);
}
