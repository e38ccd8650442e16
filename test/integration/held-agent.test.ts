import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { EventView } from '#test/api-client';
import { startControllerProcess, type ControllerProcess } from '#test/controller-process';
import { processesOfNode } from '#test/node-traces';

/** Held nodes with real agents: from the job's end to the release, over a controller that is killed in between. */

interface Held {
  hold: string;
  node: string;
}

let folder: string;
let controller: ControllerProcess;
const holds = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footman-held-'));
  controller = await startControllerProcess({
    folder,
    configuration:
      'teardown: { max-stopped: 0 }\nclouds: { local: { kind: process, max-nodes: 4, templates: { host: { labels: linux } } } }',
  });
  for (const [name, debug] of [
    ['OPEN', 'allow'],
    ['SHUT', 'deny'],
  ])
    await controller.api.put(`/secrets/${name}`, { value: `value-of-${name}`, debug });
});

afterEach(async () => {
  for (const hold of holds) await release(hold);
  await controller.api.drained();
});

afterAll(async () => {
  await controller.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a node whose job has failed is held: people find its workspace and the failed step’s variables, and its agent goes with the hold', async () => {
  const { hold, node } = await holdFailed();
  expect(await run(hold, 'cat left; echo "$LEVEL $FOOTMAN_JOB"')).toContain('what it left\r\nstep a\r\n');
  expect(await processesOfNode(node)).not.toEqual([]);
  await release(hold);
  await nodeEvent(node, ({ state }) => state === 'deleted');
  expect(await processesOfNode(node)).toEqual([]);
});

test('a secret that may not stay on a held node is not there, alone or as a part (I7)', async () => {
  const { hold } = await holdFailed();
  const shown = await run(hold, 'env');
  expect(shown).toContain('BOTH=value-of-OPEN/\r\n');
  expect(shown).not.toContain('value-of-SHUT');
  expect(shown).not.toContain('EXPORTED=');
});

test('an agent of a held node comes back to a controller that was killed, and is let in', async () => {
  const { hold, node } = await holdFailed();
  await controller.kill();
  await controller.start();
  await nodeEvent(node, ({ connected }) => connected === true);
  expect(await run(hold, 'cat left; exit 3')).toContain('what it left\r\n');
  await release(hold);
  await nodeEvent(node, ({ state }) => state === 'deleted');
  expect(await processesOfNode(node)).toEqual([]);
});

test('a job that is ended by force leaves its node to whoever has asked for it', async () => {
  const { id } = await controller.api.submit(`
jobs:
  a: { runs-on: linux, steps: [{ name: waits, env: { LEVEL: step }, run: "echo so far > left; echo begun; sleep 600" }] }
`);
  const step = await started(id);
  await controller.api.logged(step, 'begun');
  const [job] = (await controller.api.build(id)).jobs;
  await controller.api.post('/holds', { job: job?.id, reason: 'it hangs' });
  await controller.api.post(`/builds/${id}/cancel`, { force: true });
  const { hold, node } = await heldOf(id);
  expect(await run(hold, 'cat left; echo "$LEVEL"')).toContain('so far\r\nstep\r\n');
  await release(hold);
  await nodeEvent(node, ({ state }) => state === 'deleted');
});

/** A job fails on its node, which is held and whose hold was admitted. */
async function holdFailed(): Promise<Held> {
  const { id } = await controller.api.submit(`
jobs:
  a:
    runs-on: linux
    steps:
      - name: work
        env: { LEVEL: step, BOTH: "\${{ secrets.OPEN }}/\${{ secrets.SHUT }}", S: "\${{ secrets.SHUT }}" }
        run: |
          echo what it left > left
          echo "EXPORTED=$S" >> "$FOOTMAN_ENV"
          exit 3
    post: { failure: [{ hold: { for: 10m, reason: to look } }] }
`);
  const build = await controller.api.finished(id);
  expect(build.result).toBe('failure');
  return heldOf(id);
}

async function heldOf(build: string): Promise<Held> {
  const { data, nodeId } = await controller.api.event(
    ({ kind, buildId, data: { state, expiresAt } }) =>
      kind === 'hold' && buildId === build && state === 'held' && typeof expiresAt === 'number',
  );
  holds.add(data.id);
  return { hold: data.id, node: nodeId ?? '' };
}

/** The id of the build's first step that runs. */
async function started(build: string): Promise<string> {
  const { data } = await controller.api.event(
    ({ kind, buildId, data: { state } }) => kind === 'step' && buildId === build && state === 'running',
  );
  return data.id;
}

async function nodeEvent(node: string, fits: (data: EventView['data']) => boolean): Promise<void> {
  await controller.api.event(({ kind, nodeId, data }) => kind === 'node' && nodeId === node && fits(data));
}

/** What a terminal shows that runs the command. */
async function run(hold: string, command: string): Promise<string> {
  const { path } = await controller.api.post<{ path: string }>(`/holds/${hold}/terminals`, {
    columns: 80,
    rows: 24,
    command,
  });
  const socket = new WebSocket(controller.url.replace('http', 'ws') + path);
  let shown = '';
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) shown += data.toString();
  });
  await once(socket, 'close');
  return shown;
}

async function release(hold: string): Promise<void> {
  const token = (await readFile(join(controller.data, 'admin.token'), 'utf8')).trim();
  const headers = { authorization: `Bearer ${token}` };
  const { status } = await fetch(`${controller.url}/api/v1/holds/${hold}`, { method: 'DELETE', headers });
  expect(status).toBeLessThan(300);
  holds.delete(hold);
}
