import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createApiClient, type ApiClient } from '#test/api-client';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { createPlace, type Place, type Running } from '#test/footman';
import { holdNode, releaseNode } from '#test/hold-node';

let place: Place;
let world: FakeWorldControl;
let controller: Running;
let api: ApiClient;
/** The held node. */
let id: string;

const HOST = 'host: { labels: linux, min-ready: 1 }';

beforeAll(async () => {
  place = await createPlace();
  world = await controlFakeWorld(join(place.folder, 'world'));
  await configure(lab(HOST));
  await start();
  const go = join(place.folder, 'go');
  const build = await api.submit(
    `jobs: { a: { runs-on: linux, steps: [{ name: work, run: "echo up; until [ -e ${go} ]; do sleep 0.05; done" }] } }`,
  );
  await api.logged((await api.build(build.id)).jobs[0]?.steps[0]?.id ?? '', 'up');
  const leased = await api.event(({ kind, data }) => kind === 'node' && data.state === 'leased');
  ({ id } = leased.data);
  await holdNode(place.data, id);
  await place.write('go', '');
  await api.finished(build.id);
});

afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

/** Every path that deletes nodes asks whether it is held (I6). */
describe('L7: a held node survives', () => {
  // What a path has begun has come to its end when this has: the cloud is asked for nothing more.
  afterEach(async () => {
    await listings(2);
    expect(await api.get(`/nodes/${id}`)).toMatchObject({ state: 'held' });
    expect((await world.resources()).map(({ node }) => node)).toContain(id);
    const calls = (await world.journal()).filter(({ node, event }) => node === id && event === 'called');
    expect(calls.map(({ call }) => call)).toEqual(['launch']);
  });

  test('the end of its job', async () => {
    // Others go at once: nothing is deferred here.
    const { id: build } = await api.submit('jobs: { b: { runs-on: linux, steps: [{ run: "true" }] } }');
    await api.finished(build);
    await api.event(({ kind, data }) => kind === 'node' && data.state === 'deleted' && data.id !== id);
  });

  test('listings that do not show it', async () => {
    await world.script({ on: 'list', at: 'before', do: 'hide', node: id, listings: 1 });
    await listings(5);
    await world.script();
  });

  test('footman node rm, also by force', async () => {
    for (const force of [[], ['--force']]) {
      const { exit, err } = await place.run('node', 'rm', id, ...force);
      expect(exit).toBe(75);
      expect(err).toContain(`node ${id} is held`);
    }
  });

  test.each(['lab', 'lab/host'])('footman drain %s', async (target) => {
    const { exit, out } = await place.run('drain', target);
    expect(exit).toBe(0);
    expect(out).toContain('1 held');
    await place.run('uncordon', target);
  });

  test('a cordon of its own, and its drain', async () => {
    await place.run('drain', id);
    await place.run('uncordon', id);
  });

  test('a pool that replaces its nodes, since its template is another one', async () => {
    await configure(lab('host: { labels: linux other, min-ready: 1 }'));
    await reload();
    await api.event(({ kind, data }) => kind === 'node' && data.state === 'deleting' && data.id !== id);
  });

  test('a pool that wants none any more', async () => {
    await configure(lab('host: { labels: linux }'));
    await reload();
  });

  test.each(['keep', 'drain'])('a stop and a start with shutdown: %s', async (shutdown) => {
    await configure(lab(HOST), shutdown);
    await reload();
    controller.child.kill('SIGTERM');
    await controller.ended;
    await start();
  });

  test('a controller that is killed', async () => {
    controller.child.kill('SIGKILL');
    await controller.ended;
    await start();
  });

  test('the removal of its template', async () => {
    await configure(lab('another: { labels: linux }'));
    await reload();
  });

  test('its cloud, which is not configured any more', async () => {
    await configure('  local: { kind: process, templates: { host: { labels: linux } } }');
    await reload();
  });
});

test('once it is released, it goes', async () => {
  await configure(lab(HOST));
  await releaseNode(place.data, id);
  controller.child.kill('SIGKILL');
  await controller.ended;
  await start();
  await api.event(({ kind, data }) => kind === 'node' && data.state === 'deleted' && data.id === id);
  expect((await world.resources()).map(({ node }) => node)).not.toContain(id);
});

function lab(templates: string): string {
  return `  lab:\n    kind: fake\n    world: ${join(place.folder, 'world')}\n    templates: { ${templates} }`;
}

async function configure(clouds: string, shutdown = 'keep'): Promise<void> {
  const settings = `teardown: { max-stopped: 0 }\nsweep: { interval: 200ms, grace: 1s }\nshutdown: ${shutdown}`;
  await place.write('footman.yaml', `data: data\n${settings}\nclouds:\n${clouds}\n`);
}

async function reload(): Promise<void> {
  expect(await place.run('config', 'reload')).toMatchObject({ exit: 0 });
}

async function start(): Promise<void> {
  controller = place.start('serve', '--listen', '127.0.0.1:0');
  await controller.said('listening on ');
  api = createApiClient(/listening on (\S+);/.exec(controller.output())?.[1] ?? '', place.data);
}

/** Resolves after so many more listings of its cloud. */
async function listings(count: number): Promise<void> {
  const before = await listed();
  await expect.poll(listed, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + count);
}

async function listed(): Promise<number> {
  return (await world.journal()).filter(({ call, event }) => call === 'list' && event === 'returned').length;
}
