import { afterEach, beforeEach, expect, test } from 'vitest';
import { startKilledController, type KilledController } from '#test/killed-controller';
import { processesOfNode } from '#test/node-traces';

let fixture: KilledController;
let world: KilledController['world'];
let controller: KilledController['controller'];

beforeEach(async () => {
  fixture = await startKilledController(
    (at) => `
teardown: { max-stopped: 3, idle: 1h }
clouds:
  fake: { kind: fake, max-nodes: 20, world: ${at}, templates: { host: { labels: linux } } }
`,
  );
  ({ world, controller } = fixture);
});

afterEach(() => fixture[Symbol.asyncDispose]());

test('L8: kill -9 with stopped nodes: they wait on, and go with the others when their time comes', async () => {
  for (const _ of [1, 2, 3]) await controller.api.finished(await submit());
  const stopped = (await world.resources()).map(({ node }) => node).toSorted();
  expect(stopped).toHaveLength(3);
  await controller.kill();
  await controller.start();
  expect(await nodesNow()).toEqual(stopped);
  await controller.api.finished(await submit());
  await expectNothingLeft();
});

test.each(['before', 'after'] as const)(
  'kill -9 in a stop, %s its effect: the node is not lost (I2)',
  async (at) => {
    await world.script({ on: 'stop', at, do: 'pause', times: 1 });
    const build = await submit();
    const { node } = await world.paused({ call: 'stop', edge: at });
    await controller.kill();
    await controller.start();
    await controller.api.finished(build);
    expect(await nodesNow()).toEqual([node]);
    for (const _ of [1, 2, 3]) await controller.api.finished(await submit());
    await expectNothingLeft();
  },
);

test('kill -9 while many are removed: each goes, whether its removal had begun or not (I2)', async () => {
  await world.script({ on: 'remove', at: 'after', do: 'pause' });
  for (const _ of [1, 2, 3, 4]) await controller.api.finished(await submit());
  await world.paused({ call: 'remove' });
  await controller.kill();
  await world.script();
  await controller.start();
  // Those that were not begun wait for a threshold again.
  for (const _ of [1, 2, 3, 4]) await controller.api.finished(await submit());
  await expectNothingLeft();
});

async function submit(): Promise<string> {
  const { id } = await controller.api.submit('jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }');
  return id;
}

async function nodesNow(): Promise<string[]> {
  const { nodes } = await controller.api.get<{ nodes: { id: string }[] }>('/nodes');
  return nodes.map(({ id }) => id).toSorted();
}

async function expectNothingLeft(): Promise<void> {
  const { nodes } = await controller.api.drained();
  expect(await world.resources()).toEqual([]);
  for (const { id } of nodes) expect(await processesOfNode(id)).toEqual([]);
}
