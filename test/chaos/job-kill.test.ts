import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventView } from '#test/api-client';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';

/** Whenever the controller dies between jobs, each of them runs, and runs once (I3, L8). */

const CLOUDS = 'clouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }';

let folder: string;
let marks: string;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-kill-'));
  marks = join(folder, 'marks');
  controller = await startControllerProcess({ folder, configuration: CLOUDS });
});

afterEach(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('kill -9 while a matrix is made from outputs and its cells are gathered:', () => {
  test.each<{ when: string; isIt: (event: EventView) => boolean }>([
    { when: 'as the step ends that has the outputs', isIt: (event) => isStep(event, 'finished') },
    { when: 'as the job ends that has the outputs', isIt: (event) => isJob(event, 'list', 'finished') },
    { when: 'as the cells are made', isIt: (event) => isJob(event, 'square (3)', 'blocked') },
    { when: 'as a cell is queued', isIt: (event) => isJob(event, 'square (5)', 'queued') },
    { when: 'as a cell runs', isIt: (event) => isJob(event, 'square (2)', 'running') },
    { when: 'as a cell ends', isIt: (event) => isJob(event, 'square (3)', 'finished') },
    { when: 'as the job is queued that gathers', isIt: (event) => isJob(event, 'sum', 'queued') },
    { when: 'as the job runs that gathers', isIt: (event) => isJob(event, 'sum', 'running') },
  ])('$when', async ({ isIt }) => {
    const { id } = await controller.api.submit(`
jobs:
  list:
    runs-on: linux
    outputs: { numbers: "\${{ steps.l.outputs.numbers }}" }
    steps: [{ id: l, run: 'echo list >> ${marks}; echo "numbers=[2, 3, 5]" >> "$FOOTMAN_OUTPUT"' }]
  square:
    needs: list
    runs-on: linux
    matrix: { n: "\${{ fromJSON(needs.list.outputs.numbers) }}" }
    env: { N: "\${{ matrix.n }}" }
    outputs: { value: "\${{ steps.s.outputs.value }}" }
    steps: [{ id: s, run: 'echo "square $N" >> ${marks}; echo "value=$((N * N))" >> "$FOOTMAN_OUTPUT"' }]
  sum:
    needs: square
    runs-on: linux
    env: { CELLS: "\${{ join(needs.square.cells.*.outputs.value, ' ') }}" }
    steps: [{ run: 'echo "sum of $CELLS" >> ${marks}' }]
`);
    await controller.api.event(isIt);
    await controller.kill();
    await controller.start();
    const build = await controller.api.finished(id);
    expect(build.result).toBe('success');
    expect(build.jobs.map(({ key }) => key)).toEqual([
      'list',
      'square (2)',
      'square (3)',
      'square (5)',
      'sum',
    ]);
    const ran = (await readFile(marks, 'utf8')).trim().split('\n');
    expect(ran.toSorted()).toEqual(['list', 'square 2', 'square 3', 'square 5', 'sum of 4 9 25']);
    await controller.api.drained();
  });
});

describe('kill -9 around a retry that is delayed:', () => {
  test('while it waits, the attempt comes at its time, once', async () => {
    const { id } = await controller.api.submit(flaky('2s'));
    const waits = await controller.api.event(({ data }) => typeof data['notBefore'] === 'number');
    await controller.kill();
    await controller.start();
    await controller.kill();
    await controller.start();
    await expectTwoAttempts(id);
    const events = await controller.api.eventsUntil(
      ({ kind, data }) => kind === 'build' && data.state === 'finished',
    );
    const queued = events.filter((event) => isJob(event, 'flaky', 'queued')).map(({ at }) => at);
    expect(queued).toHaveLength(2);
    expect(queued[1]).toBeGreaterThanOrEqual(waits.data['notBefore'] as number);
  });

  test.each(['queued', 'leased', 'running'])('as the attempt is %s, it runs once', async (state) => {
    const { id } = await controller.api.submit(flaky('100ms'));
    let seen = 0;
    await controller.api.event((event) => isJob(event, 'flaky', state) && (seen += 1) === 2);
    await controller.kill();
    await controller.start();
    await expectTwoAttempts(id);
  });
});

/** Fails once. */
function flaky(delay: string): string {
  return `
jobs:
  flaky:
    runs-on: linux
    retry: { max: 2, delay: ${delay} }
    steps: [{ run: 'echo "attempt $FOOTMAN_ATTEMPT" >> ${marks}; test "$FOOTMAN_ATTEMPT" = 2' }]
  after: { needs: flaky, runs-on: linux, steps: [{ run: echo after >> ${marks} }] }
`;
}

async function expectTwoAttempts(id: string): Promise<void> {
  const build = await controller.api.finished(id);
  expect(build.result).toBe('success');
  expect(build.jobs.map(({ key, attempt, result }) => [key, attempt, result])).toEqual([
    ['flaky', 1, 'failure'],
    ['flaky', 2, 'success'],
    ['after', 1, 'success'],
  ]);
  expect(await readFile(marks, 'utf8')).toBe('attempt 1\nattempt 2\nafter\n');
  await controller.api.drained();
}

function isJob({ kind, data }: EventView, key: string, state: string): boolean {
  return kind === 'job' && data['key'] === key && data.state === state;
}

function isStep({ kind, data }: EventView, state: string): boolean {
  return kind === 'step' && data.state === state;
}
