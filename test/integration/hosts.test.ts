import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { usesOfHosts } from '#test/host-uses';

/** Static hosts under a whole controller: one node on each at a time, and none on a host that was not reset since its last one (L12). */

let folder: string;
let world: FakeWorldControl;
let controller: EmbeddedController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-hosts-'));
  world = await controlFakeWorld(folder);
});

afterEach(async () => {
  await world.script();
  await controller.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('many jobs on few hosts: each host is reset before each of its nodes (L12)', async () => {
  await start();
  const { id } = await controller.api.submit(`
jobs:
  many:
    runs-on: lab
    matrix: { n: [1, 2, 3, 4, 5, 6] }
    steps: [{ run: "true" }]
`);
  expect((await controller.api.finished(id)).result).toBe('success');
  const uses = usesOfHosts(await world.journal());
  expect([...uses.keys()].toSorted()).toEqual(['h1', 'h2']);
  expect([...uses.values()].flat().filter((event) => event === 'node')).toHaveLength(6);
  for (const events of uses.values())
    expect(events.join(' ')).toMatch(/^reset( node gone reset)*( node( gone)?)?$/);
});

test('a host whose reset hangs keeps nobody waiting but itself', async () => {
  await world.script({ on: 'reset', do: 'hang', host: 'h1' });
  await start();
  await expectSuccess(3);
  expect(nodesOn('h1', await world.journal())).toBe(0);
});

test('a host whose reset fails is quarantined, and says why', async () => {
  await world.script({ on: 'reset', do: 'unavailable', host: 'h1' });
  await start();
  const { data } = await hostEvent('h1', 'quarantined');
  expect(data).toMatchObject({ reason: 'its reset failed: the script is not available', failures: 1 });
  await expectSuccess(2);
  expect(nodesOn('h1', await world.journal())).toBe(0);
});

test('a host on which a node failed to launch gets no other, and its job goes elsewhere (L12)', async () => {
  await start();
  await Promise.all([hostEvent('h1', 'free'), hostEvent('h2', 'free')]);
  await world.script({ on: 'launch', do: 'unavailable', host: 'h1' });
  await expectSuccess(4);
  const { data } = await hostEvent('h1', 'quarantined');
  expect(data).toMatchObject({ reason: 'its node failed: the script is not available' });
  expect(nodesOn('h1', await world.journal())).toBe(0);
});

async function start(): Promise<void> {
  controller = await startEmbeddedController(`
clouds:
  lab: { kind: fake, world: ${folder}, templates: { machine: { labels: lab, hosts: [h1, h2] } } }
`);
}

/** So many jobs, all at once. */
async function expectSuccess(jobs: number): Promise<void> {
  const numbers = Array.from({ length: jobs }, (_, n) => n);
  const { id } = await controller.api.submit(`
jobs:
  many: { runs-on: lab, matrix: { n: ${JSON.stringify(numbers)} }, steps: [{ run: "true" }] }
`);
  expect((await controller.api.finished(id)).result).toBe('success');
}

function hostEvent(host: string, state: string) {
  return controller.api.event(
    ({ kind, data }) => kind === 'host' && data.id === `lab/${host}` && data.state === state,
  );
}

function nodesOn(host: string, journal: Awaited<ReturnType<FakeWorldControl['journal']>>): number {
  return (
    usesOfHosts(journal)
      .get(host)
      ?.filter((event) => event === 'node').length ?? 0
  );
}
