import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Node, NodeChecks } from '#controller/api';
import type { EventView } from '#test/api-client';
import { startControllerProcess } from '#test/controller-process';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { controlFakeWorld } from '#test/fake-world';
import { freePort, listen } from '#test/ports';

const PIPELINE = 'jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }';

/** Writes where the agent does: what a machine would print while it starts. */
const SAY = 'echo said on the console >> /proc/$PPID/fd/1';

let folder: string;
let controller: EmbeddedController | undefined;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-checks-'));
  servers = [];
});

afterEach(async () => {
  await controller?.dispose();
  controller = undefined;
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a node that is not fit never gets a job; the job goes to another candidate, and what was found stays:', () => {
  test.each([
    ['disk', 'disk: 8000TiB', /less than/],
    ['memory', 'memory: 8000TiB', /less than/],
    ['dns no-such-name.invalid', 'dns: [no-such-name.invalid]', /does not resolve/],
    ['script', `script: "echo looking; ${SAY}; exit 3"`, /it ended with exit code 3/],
    ['script', `script: "echo looking; ${SAY}; sleep 1000", timeout: 300ms`, /it did not end within 300ms/],
  ])('%s (%s)', async (name, checks, message) => {
    const api = await start(checks);
    const build = await api.submit(PIPELINE);
    expect(await api.finished(build.id)).toMatchObject({ result: 'success' });

    const bad = await nodeOf('picky');
    const good = await nodeOf('easy');
    expect(good).toMatchObject({ failure: null });
    expect(bad).toMatchObject({ failure: 'check', readyAt: null, leasedAt: null });
    expect(bad.reason).toMatch(new RegExp(`^its check "${name}" failed: `));
    expect(bad.reason).toMatch(message);

    await api.event(({ kind, data }) => kind === 'node' && data.id === bad.id && data.state === 'deleted');
    const found = await api.get<NodeChecks>(`/nodes/${bad.id}/checks`);
    expect(found.results).toContainEqual(expect.objectContaining({ name, ok: false }));
    if (name !== 'script') return;
    expect(found.output).toBe('looking\n');
    expect(await consoleOf(bad.id)).toContain('said on the console');
  });

  test('a place that is not there', async () => {
    const port = await freePort();
    const api = await start(`reach: ["127.0.0.1:${port}"]`);
    await api.finished((await api.submit(PIPELINE)).id);
    expect((await nodeOf('picky')).reason).toMatch(
      /^its check "reach 127\.0\.0\.1:\d+" failed: .*ECONNREFUSED/,
    );
  });
});

test('a node that is fit gets the job, and what was found can be read', async () => {
  const port = await serve();
  const api = await start(
    `disk: 1MiB, memory: 1MiB, clock: 30s, dns: [localhost], reach: ["127.0.0.1:${port}"], script: "echo fine"`,
  );
  expect(await api.finished((await api.submit(PIPELINE)).id)).toMatchObject({ result: 'success' });
  const node = await nodeOf('picky');
  expect(node).toMatchObject({ failure: null, checkedAt: expect.any(Number), leasedAt: expect.any(Number) });
  const { results, output } = await api.get<NodeChecks>(`/nodes/${node.id}/checks`);
  expect(results.map(({ name, ok }) => [name, ok])).toEqual([
    ['disk', true],
    ['memory', true],
    ['clock', true],
    ['dns localhost', true],
    [`reach 127.0.0.1:${port}`, true],
    ['script', true],
  ]);
  expect(output).toBe('fine\n');
});

test('an idle node that goes bad is found and replaced', async () => {
  const sick = join(folder, 'sick');
  const script = `test ! -e ${sick}`;
  const api = await start(`every: 200ms, script: ${JSON.stringify(script)}`, 'min-ready: 1, ');
  const first = await api.event(isReady);
  await writeFile(sick, '');
  const failed = await api.event(
    ({ kind, data }) => kind === 'node' && data.id === first.data.id && data.state === 'failed',
  );
  expect(failed.data['reason']).toMatch(/^its check "script" failed/);
  await rm(sick);
  const second = await api.event((event) => isReady(event) && event.data.id !== first.data.id);
  expect(second.data.id).not.toBe(first.data.id);
  expect(await api.get<Node>(`/nodes/${first.data.id}`)).toMatchObject({
    failure: 'check',
    readyAt: expect.any(Number),
    leasedAt: null,
  });
});

test('a controller that is killed during a check goes on with it when the agent comes back, and does not begin anew (L8)', async () => {
  const gate = join(folder, 'gate');
  const begun = join(folder, 'begun');
  await writeFile(gate, '');
  const script = `echo x >> ${begun}; while [ -e ${gate} ]; do sleep 0.05; done`;
  const process = await startControllerProcess({
    folder,
    configuration: `
clouds:
  local:
    kind: process
    templates: { host: { labels: linux, checks: { script: ${JSON.stringify(script)}, timeout: 1m } } }
`,
  });
  try {
    const { api } = process;
    const build = await api.submit(PIPELINE);
    await api.event(({ kind, data }) => kind === 'node' && data.state === 'checking');
    await written(begun);
    await process.kill();
    await process.start();
    await rm(gate);
    expect(await api.finished(build.id)).toMatchObject({ result: 'success' });
    expect(await readFile(begun, 'utf8')).toBe('x\n');
    await api.drained();
  } finally {
    await process.stop();
  }
});

test('what a node printed is kept whose launch failed in the end', async () => {
  const world = join(folder, 'world');
  const gate = join(folder, 'gate');
  await writeFile(gate, '');
  const fake = await controlFakeWorld(world);
  await fake.script(
    { on: 'launch', at: 'after', do: 'pause', times: 1 },
    { on: 'launch', at: 'after', do: 'unavailable', times: 1 },
  );
  const begun = join(folder, 'begun');
  const script = `${SAY}; echo x >> ${begun}; while [ -e ${gate} ]; do sleep 0.05; done`;
  controller = await startEmbeddedController(`
clouds:
  fake:
    kind: fake
    world: ${world}
    templates: { host: { labels: linux, checks: { script: ${JSON.stringify(script)} } } }
`);
  const { api } = controller;
  const build = await api.submit(PIPELINE);
  // Its agent is there before the cloud says that it could not be launched.
  await written(begun);
  const pause = await fake.paused({ call: 'launch' });
  await fake.continue(pause);
  await api.event(({ kind, data }) => kind === 'node' && data.id === pause.node && data.state === 'failed');
  await rm(gate);
  expect(await api.finished(build.id)).toMatchObject({ result: 'success' });
  await api.event(({ kind, data }) => kind === 'node' && data.id === pause.node && data.state === 'deleted');
  expect(await api.get<Node>(`/nodes/${pause.node}`)).toMatchObject({ failure: 'launch' });
  expect(await consoleOf(pause.node ?? '')).toContain('said on the console');
});

/** A controller whose first choice is a template with these checks, and whose second one has none. */
async function start(checks: string, more = ''): Promise<EmbeddedController['api']> {
  controller = await startEmbeddedController(`
clouds:
  local:
    kind: process
    templates:
      picky: { labels: linux, weight: 200, ${more}checks: { ${checks} } }
      easy: { labels: linux }
`);
  return controller.api;
}

function isReady({ kind, data }: EventView): boolean {
  return kind === 'node' && data['template'] === 'picky' && data.state === 'ready';
}

async function nodeOf(template: string): Promise<Node> {
  const { nodes } = await theController().api.get<{ nodes: Node[] }>('/nodes?all=true');
  const node = nodes.find((one) => one.template === template);
  if (node === undefined) throw new Error(`there was no node of ${template}`);
  return node;
}

async function consoleOf(id: string): Promise<string> {
  const { url, token } = theController();
  const response = await fetch(`${url}/api/v1/nodes/${id}/console`, {
    headers: { authorization: `Bearer ${await token()}` },
  });
  expect(response.status).toBe(200);
  return response.text();
}

function theController(): EmbeddedController {
  if (controller === undefined) throw new Error('no controller was started');
  return controller;
}

/** Resolves when the file has something in it. */
async function written(file: string): Promise<void> {
  while ((await readFile(file, 'utf8').catch(() => '')) === '') await new Promise(setImmediate);
}

/** Hangs up on whoever calls. */
async function serve(): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  return listen(server);
}
