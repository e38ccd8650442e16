import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';

let folder: string;
let world: FakeWorldControl;
let controller: ControllerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-restart-'));
  world = await controlFakeWorld(join(folder, 'world'));
});

afterEach(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

test('L8: with `shutdown: keep`, idle nodes are adopted by the next start, and serve', async () => {
  await start('keep');
  const [one, two] = await bothReady();
  await controller.stop();
  expect(await nodesThere()).toEqual([one, two].toSorted());
  await controller.start();
  for (const id of [one, two])
    await controller.api.event(({ data }) => data.id === id && data.connected === true);
  const { id: build } = await controller.api.submit(JOB);
  expect(await controller.api.finished(build)).toMatchObject({ result: 'success' });
  const leased = await controller.api.event(({ kind, data }) => kind === 'node' && data.state === 'leased');
  expect([one, two]).toContain(leased.data.id);
});

test('L8: with `shutdown: drain`, idle nodes go before the controller does, and jobs go on', async () => {
  await start('drain');
  await bothReady();
  const go = join(folder, 'go');
  const { id: build } = await controller.api.submit(
    `jobs: { a: { runs-on: linux, steps: [{ run: "echo up; until [ -e ${go} ]; do sleep 0.05; done" }] } }`,
  );
  await controller.api.logged((await controller.api.build(build)).jobs[0]?.steps[0]?.id ?? '', 'up');
  const { data: busy } = await controller.api.event(
    ({ kind, data }) => kind === 'node' && data.state === 'leased',
  );
  await controller.stop();
  expect(await nodesThere()).toEqual([busy.id]);
  await controller.start();
  const { nodes } = await controller.api.get<{ nodes: { id: string; state: string }[] }>('/nodes');
  expect(nodes).toContainEqual(expect.objectContaining({ id: busy.id, state: 'leased' }));
  await controller.api.post(`/builds/${build}/cancel`, {});
  expect(await controller.api.finished(build)).toMatchObject({ result: 'cancelled' });
});

const JOB = 'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }';

async function start(shutdown: string): Promise<void> {
  const template = 'host: { labels: linux, min-ready: 2 }';
  controller = await startControllerProcess({
    folder,
    configuration: `
shutdown: ${shutdown}
clouds:
  fake: { kind: fake, world: ${join(folder, 'world')}, templates: { ${template} } }
`,
  });
}

/** The ids of the pool's two nodes. */
async function bothReady(): Promise<[string, string]> {
  const ready = new Set<string>();
  await controller.api.event(
    ({ kind, data }) => kind === 'node' && data.state === 'ready' && ready.add(data.id).size === 2,
  );
  const [one = '', two = ''] = ready;
  return [one, two];
}

async function nodesThere(): Promise<string[]> {
  return (await world.resources()).map(({ node }) => node).toSorted();
}
