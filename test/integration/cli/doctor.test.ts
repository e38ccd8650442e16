import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFakeWorld } from '#controller/clouds';
import { controlFakeWorld, type FakeWorldControl } from '#test/fake-world';
import { createApiClient } from '#test/api-client';
import { createPlace, type Place, type Running } from '#test/footman';
import { freePort } from '#test/ports';

const AN_HOUR = 3_600_000;

let place: Place;
let world: Awaited<ReturnType<typeof openFakeWorld>>;
let control: FakeWorldControl;
let controller: Running | undefined;

beforeEach(async () => {
  place = await createPlace();
  control = await controlFakeWorld(join(place.folder, 'world'));
  world = await openFakeWorld(join(place.folder, 'world'));
});

afterEach(async () => {
  controller?.child.kill('SIGTERM');
  await controller?.ended;
  await place[Symbol.asyncDispose]();
});

test('all is well: each resource is kept, with the reason', async () => {
  await serve('sweep: { interval: 1h, grace: 5m }');
  const running = place.start('run', await place.write('long.yaml', LONG));
  await running.said('begun');
  const { exit, out, err } = await place.run('doctor');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(out).toMatch(/^cloud fake \(fake; listed \S+ ago; no leaks\)$/m);
  expect(out).toMatch(/^ {2}kept +fake [a-z0-9]{16} +[a-z0-9]{16} +\S+ +its node serves job 1\/long$/m);
  expect(out).toMatch(/^storage\n {2}fs {2}an object came and went in /m);
  expect(out).toContain('All is well.\n');
  running.child.kill('SIGTERM');
  await running.ended;
});

test('what no node has is suspected, and foreign resources are not even seen', async () => {
  const id = await serve('sweep: { interval: 1h, grace: 5m }');
  await world.create({ controller: id, node: 'orphan0000000000', createdAt: Date.now() - AN_HOUR });
  await world.create({ controller: id, node: 'young00000000000', createdAt: Date.now() });
  await world.create({ controller: 'another', node: 'foreign000000000', createdAt: 0 });
  const { exit, out } = await place.run('doctor');
  expect(exit).toBe(1);
  expect(out).toMatch(
    /^ {2}suspected +fake orphan0{10} .* seen without a node once; the next listing decides$/m,
  );
  expect(out).toMatch(/^ {2}kept +fake young0{11} .* younger than the grace \(\S+ of 5m\)$/m);
  expect(out).toContain('1 problem\n  cloud fake has a fake that no living node has: orphan0000000000\n');
  expect(out).not.toContain('foreign');

  const json = await place.run('--json', 'doctor');
  expect(json.exit).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    problems: [expect.stringContaining('orphan0000000000')],
    clouds: [{ name: 'fake', error: null, missing: [], leaks: { found: 0, removed: 0 } }],
  });
  // It changes nothing, however often it looks.
  expect((await world.all()).map(({ node }) => node).toSorted()).toEqual([
    'foreign000000000',
    'orphan0000000000',
    'young00000000000',
  ]);
});

test('L5: the sweep removes what leaked, and nothing else; it is on record afterwards', async () => {
  const id = await serve('sweep: { interval: 100ms, grace: 5m }');
  await world.create({ controller: 'another', node: 'foreign000000000', createdAt: 0 });
  await world.create({ controller: id, node: 'young00000000000', createdAt: Date.now() });
  await world.create({ controller: id, node: 'orphan0000000000', createdAt: 0 });
  await api().event(({ kind, data }) => kind === 'leak' && data.state === 'removed');
  expect((await world.all()).map(({ node }) => node).toSorted()).toEqual([
    'foreign000000000',
    'young00000000000',
  ]);
  const { exit, out } = await place.run('doctor');
  expect(exit).toBe(0);
  expect(out).toContain('1 leak, removed');
  expect(out).toMatch(/^ {2}fake +fake +orphan0{10} +orphan0{10} +\S+ ago +\S+ ago$/m);
});

test('L5: a cloud that does not answer is a problem, and nothing is concluded from it', async () => {
  await serve('sweep: { interval: 100ms, grace: 0s }');
  await control.script({ on: 'list', do: 'unavailable' });
  const { exit, out } = await place.run('doctor');
  expect(exit).toBe(1);
  expect(out).toContain("  cloud fake can't be listed: the script is not available\n");
});

test('a storage that does not answer is a problem, and the controller is ready all the same', async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  Object.assign(place.env, { KEY: 'k', SECRET: 's' });
  const keys = 'access-key-env: KEY, secret-key-env: SECRET';
  await serve(`blobs: { kind: s3, endpoint: "${nobody}", bucket: builds, ${keys} }`);
  const { exit, out } = await place.run('doctor');
  expect(exit).toBe(1);
  expect(out).toMatch(/^storage\n {2}s3 {2}.*ECONNREFUSED/m);
  expect(out).toMatch(/^ {2}the storage does not work: .*ECONNREFUSED/m);
  const [, url = ''] = /listening on ([^;]+)/.exec(controller?.output() ?? '') ?? [];
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

/** Returns the controller's id. */
async function serve(configuration: string): Promise<string> {
  await place.write(
    'footman.yaml',
    `data: data
${configuration}
teardown: { min-free-disk: 0, min-free-memory: 0 }
clouds: { fake: { kind: fake, world: ${join(place.folder, 'world')}, templates: { host: { labels: linux } } } }
`,
  );
  controller = place.start('serve', '--listen', '127.0.0.1:0');
  await controller.said('listening on ');
  for (;;) {
    // It lists its clouds as it starts.
    const listing = (await control.journal()).find(
      ({ call, event }) => call === 'list' && event === 'returned',
    );
    if (listing !== undefined) return listing.controller;
    await new Promise(setImmediate);
  }
}

function api() {
  const [, url = ''] = /listening on ([^;]+)/.exec(controller?.output() ?? '') ?? [];
  return createApiClient(url, place.data);
}

const LONG = `
jobs:
  long: { runs-on: linux, steps: [{ run: "echo begun; sleep 600" }] }
`;
