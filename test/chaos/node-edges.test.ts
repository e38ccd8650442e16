import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startKilledController, type KilledController } from '#test/killed-controller';
import { processesOfNode } from '#test/node-traces';

/** kill -9 at every edge of a node's life: afterwards nothing is leaked and nothing ran twice (I1, I2, L4, L8). */

let fixture: KilledController;
let folder: string;
let world: KilledController['world'];
let controller: KilledController['controller'];

beforeEach(async () => {
  fixture = await startKilledController(
    (at) => `
sweep: { interval: 200ms, grace: 1s }
clouds:
  fake: { kind: fake, world: ${at}, templates: { host: { labels: linux } } }
`,
  );
  ({ folder, world, controller } = fixture);
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe('L4: kill -9 while the cloud is busy', () => {
  test.each([
    { on: 'launch', at: 'before', what: 'the intent is written, the cloud has heard nothing' },
    { on: 'launch', at: 'after', what: 'the resource exists, its answer was never recorded' },
    { on: 'remove', at: 'before', what: 'the job has ended, the node is still there' },
    { on: 'remove', at: 'after', what: 'the resource is gone, that was never recorded' },
  ] as const)('$on, $at its effect: $what', async ({ on, at }) => {
    await world.script({ on, at, do: 'pause', times: 1 });
    const build = await submit();
    await world.paused({ call: on, edge: at });
    await controller.kill();
    await controller.start();
    await expectOneCleanRun(build);
  });
});

describe('L8: kill -9 as a node enters a state', () => {
  test.each(['planned', 'launching', 'connecting', 'checking', 'ready', 'leased', 'deleting', 'deleted'])(
    '%s',
    async (state) => {
      const build = await submit();
      await controller.api.event(({ kind, data }) => kind === 'node' && data.state === state);
      await controller.kill();
      await controller.start();
      await expectOneCleanRun(build);
    },
  );
});

test('a launch whose answer is lost: the node is not leaked, and the job gets another', async () => {
  await world.script({ on: 'launch', do: 'lose-answer', times: 1 });
  await expectOneCleanRun(await submit());
});

test('a node that vanishes under its job: the job ends errored, and its log up to there is kept', async () => {
  const build = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps: [{ name: long, run: "echo begun; sleep 600" }]
`);
  const step = (await controller.api.build(build.id)).jobs[0]?.steps[0];
  await controller.api.logged(step?.id ?? '', 'begun');
  const [resource] = await world.resources();
  await world.vanish(resource?.node ?? '');
  const finished = await controller.api.finished(build.id);
  expect(finished.result).toBe('errored');
  expect(finished.jobs[0]?.reason).toMatch(/vanished|lost/);
  expect(await controller.api.log(step?.id ?? '')).toBe('begun\n');
  await expectNothingLeft();
});

async function submit(): Promise<string> {
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps: [{ run: "echo ran >> ${join(folder, 'marks')}" }]
`);
  return id;
}

async function expectOneCleanRun(build: string): Promise<void> {
  const finished = await controller.api.finished(build);
  expect(finished.result).toBe('success');
  expect(await readFile(join(folder, 'marks'), 'utf8')).toBe('ran\n');
  await expectNothingLeft();
}

async function expectNothingLeft(): Promise<void> {
  const { nodes } = await controller.api.drained();
  expect(await world.resources()).toEqual([]);
  const created = (await world.journal()).filter(({ event }) => event === 'created');
  expect(new Set(created.map(({ node }) => node)).size).toBe(created.length);
  for (const { id } of nodes) expect(await processesOfNode(id)).toEqual([]);
}
