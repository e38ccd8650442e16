import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BuildView, EventView } from '#test/api-client';
import { startEmbeddedController, type EmbeddedController } from '#test/embedded-controller';
import { processesOfNode, signalProcesses } from '#test/node-traces';
import { createClient, type Client } from '../../cli/client/index.ts';

/** What goes wrong under holds, and who is in whose way: real agents, and one place for nodes where that matters. */

const SIZE = { columns: 80, rows: 24 };

let controller: EmbeddedController;
let client: Client;

beforeAll(async () => {
  controller = await startEmbeddedController(`
teardown: { max-stopped: 0 }
clouds:
  wide: { kind: process, max-nodes: 9, templates: { host: { labels: wide } } }
  tight: { kind: process, max-nodes: 1, templates: { host: { labels: tight } } }
`);
  client = createClient({ url: controller.url, token: await controller.token() });
});

afterEach(async () => {
  const { holds } = await client.holds.list({ state: 'live' });
  for (const { id } of holds) await client.holds.release(id);
  const { nodes } = await controller.api.drained();
  for (const { id } of nodes) expect(await processesOfNode(id)).toEqual([]);
});

afterAll(async () => {
  client.close();
  await controller.dispose();
});

test('a held node whose agent is killed stays held, says that nobody reaches it, and goes with its hold', async () => {
  const { id, node } = await held(await fail('wide'));
  signalProcesses(await processesOfNode(node), 'SIGKILL');
  await nodeEvent(node, ({ connected }) => connected === false);
  expect(await client.holds.show(id)).toMatchObject({
    state: 'held',
    node: { id: node, state: 'held', connected: false },
  });
  const terminal = client.holds.terminal(id, SIZE).then(({ ended }) => ended);
  await expect(terminal).rejects.toThrow('is not connected');
  await client.holds.release(id);
  await nodeEvent(node, ({ state }) => state === 'deleted');
});

test('who is in when the node is released is cut off and reads why; nobody comes in while it goes', async () => {
  const { id } = await held(await fail('wide'));
  const shells = await Promise.all([1, 2, 3].map(() => client.holds.terminal(id, SIZE)));
  await Promise.all(shells.map(({ stream }) => once(stream, 'data')));
  const [, late] = await Promise.all([
    client.holds.release(id),
    client.holds.terminal(id, SIZE).then(
      (terminal) => terminal.ended.then(String, String),
      (error: unknown) => String(error),
    ),
  ]);
  for (const { ended } of shells) await expect(ended).rejects.toThrow('was released by administrator');
  expect(late).toContain('released by administrator');
});

test('of two people who want the node of a job at one moment, one gets it, and the other reads who', async () => {
  const { build, job } = await running('wide');
  const asked = await Promise.all(['ada', 'bob'].map((subject) => ask(subject, job)));
  expect(asked.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 403]);
  await controller.api.post(`/builds/${build.id}/cancel`, {});
  const winner = asked.find(({ status }) => status === 201);
  expect(await client.holds.show((await held(build.id)).id)).toMatchObject({ owner: winner?.subject });
});

describe('where there is one place for nodes', () => {
  test('a failure is not kept by itself, and the next job runs', async () => {
    const build = await fail('tight');
    const { data } = await holdEvent(build, ({ state }) => state === 'released');
    expect(data['outcome']).toContain('could not be kept: it would have the last place');
    expect(await succeed('tight')).toMatchObject({ result: 'success' });
  });

  test('one that somebody asked for keeps it: jobs for it say why they wait, others do not wait (I8)', async () => {
    const { build, job } = await running('tight');
    expect(await ask('ada', job)).toMatchObject({ status: 201 });
    await controller.api.post(`/builds/${build.id}/cancel`, {});
    const { id } = await held(build.id);
    const waiting = await controller.api.submit('jobs: { a: { runs-on: tight, steps: [{ run: "true" }] } }');
    expect(await succeed('wide')).toMatchObject({ result: 'success' });
    const why = async (): Promise<string> =>
      JSON.stringify(
        await controller.api.get(`/jobs/${(await controller.api.build(waiting.id)).jobs[0]?.id}/waiting`),
      );
    await expect.poll(why).toContain('1 node is held for people');
    await client.holds.release(id);
    expect(await controller.api.finished(waiting.id)).toMatchObject({ result: 'success' });
  });
});

/** A build whose job fails on its node, which is to be held; resolves with its id. */
async function fail(label: string): Promise<string> {
  const { id } = await controller.api.submit(
    `jobs: { a: { runs-on: ${label}, steps: [{ run: exit 7 }], post: { failure: [{ hold: { for: 1h } }] } } }`,
  );
  return id;
}

async function succeed(label: string): Promise<BuildView> {
  const { id } = await controller.api.submit(`jobs: { a: { runs-on: ${label}, steps: [{ run: "true" }] } }`);
  return controller.api.finished(id);
}

/** A job in the middle of its step. */
async function running(label: string): Promise<{ build: BuildView; job: string }> {
  const { id } = await controller.api.submit(
    `jobs: { a: { runs-on: ${label}, steps: [{ run: echo begun; exec sleep 600 }] } }`,
  );
  const build = await controller.api.build(id);
  const [job] = build.jobs;
  await controller.api.logged(job?.steps[0]?.id ?? '', 'begun');
  return { build, job: job?.id ?? '' };
}

/** Asks for the job's node with a token of their own. */
async function ask(subject: string, job: string): Promise<{ subject: string; status: number }> {
  const { token } = await controller.api.post<{ token: string }>('/tokens', { subject, role: 'develop' });
  const { status } = await fetch(`${controller.url}/api/v1/holds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ job }),
  });
  return { subject, status };
}

/** The build's hold, once it was admitted. */
async function held(build: string): Promise<{ id: string; node: string }> {
  const { data, nodeId } = await holdEvent(build, ({ expiresAt }) => typeof expiresAt === 'number');
  return { id: data.id, node: nodeId ?? '' };
}

function holdEvent(build: string, fits: (data: EventView['data']) => boolean): Promise<EventView> {
  return controller.api.event(
    ({ kind, buildId, data }) => kind === 'hold' && buildId === build && fits(data),
  );
}

async function nodeEvent(node: string, fits: (data: EventView['data']) => boolean): Promise<void> {
  await controller.api.event(({ kind, nodeId, data }) => kind === 'node' && nodeId === node && fits(data));
}
