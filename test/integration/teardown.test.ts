import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';

let folder: string;
let world: FakeWorldControl;
let controller: EmbeddedController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-teardown-'));
  world = await controlFakeWorld(join(folder, 'world'));
});

afterEach(async () => {
  await controller.dispose();
  // A controller that drains defers nothing.
  expect(await world.resources()).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

test("a job's result waits neither for its node to be stopped nor for its removal", async () => {
  await start('{ idle: 1h }');
  await world.script({ on: 'stop', do: 'pause' });
  const { id } = await submit(1);
  await world.paused({ call: 'stop' });
  // The cloud has not even accepted to stop it, and never will: the drain that ends this test removes the node all the same.
  expect(await controller.api.finished(id)).toMatchObject({ state: 'finished', result: 'success' });
  expect(await callsOf('remove')).toEqual([]);
});

test('nodes are stopped at once, and removed all together when there is one too many', async () => {
  await start('{ max-stopped: 2, idle: 1h }');
  for (const _ of [1, 2]) await controller.api.finished((await submit(1)).id);
  const nodes = (await world.resources()).map(({ node }) => node);
  expect(nodes).toHaveLength(2);
  expect(await callsOf('remove')).toEqual([]);
  await controller.api.finished((await submit(1)).id);
  await controller.api.drained();
  expect(await callsOf('stop')).toEqual(expect.arrayContaining(nodes));
});

test('a quota that is nearly used up takes the stopped nodes away, so that jobs go on', async () => {
  await start('{ idle: 1h }', 2);
  expect(await controller.api.finished((await submit(5)).id)).toMatchObject({ result: 'success' });
});

test('when no job is there, the machine is tidied up', async () => {
  await start('{ idle: 100ms }');
  await controller.api.finished((await submit(3)).id);
  await controller.api.drained();
});

test('L6: a removal that hangs delays no other node', async () => {
  await start('{ max-stopped: 0, at-once: 2 }');
  await world.script({ on: 'remove', do: 'pause', times: 1 });
  await controller.api.finished((await submit(4)).id);
  const hanging = await world.paused({ call: 'remove' });
  const gone = new Set<string>();
  await controller.api.event(
    ({ kind, data }) => kind === 'node' && data.state === 'deleted' && gone.add(data.id).size === 3,
  );
  expect(gone).not.toContain(hanging.node);
  expect((await world.resources()).map(({ node }) => node)).toEqual([hanging.node]);
  await world.continue(hanging);
  await controller.api.drained();
});

async function start(teardown: string, maxNodes = 20): Promise<void> {
  controller = await startEmbeddedController(`
teardown: ${teardown}
clouds:
  fake: { kind: fake, max-nodes: ${maxNodes}, world: ${join(folder, 'world')}, templates: { host: { labels: linux } } }
`);
}

function submit(jobs: number): Promise<{ id: string }> {
  const named = Array.from(
    { length: jobs },
    (_, index) => `  j${index}: { runs-on: linux, steps: [{ run: "true" }] }`,
  );
  return controller.api.submit(`jobs:\n${named.join('\n')}\n`);
}

/** The nodes of which the cloud was asked that. */
async function callsOf(call: string): Promise<(string | null)[]> {
  return (await world.journal())
    .filter((entry) => entry.call === call && entry.event === 'called')
    .map(({ node }) => node);
}
