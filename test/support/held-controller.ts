import { readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client as SshClient } from 'ssh2';
import { expect } from 'vitest';
import type { AuditLog, Hold, HoldList, NodeList } from '#controller/api';
import { openStore, patchHold } from '#controller/store';
import { createClient, type Client } from '../../cli/client/index.ts';
import type { EventView } from './api-client.ts';
import { startKilledController, type KilledController } from './killed-controller.ts';
import { processesOfNode } from './node-traces.ts';
import { freePort } from './ports.ts';

/** A controller that can be killed, with nodes of a fake cloud `lab` that people hold. */
export interface HeldController extends KilledController {
  /** As the administrator. */
  client: Client;
  restart(): Promise<void>;
  /** Submits a build of one job, which leaves a file and fails, and whose node is held for an hour; resolves with its id. */
  fail(): Promise<string>;
  /** Resolves with the hold of the build's job once it was admitted. */
  heldOf(build: string): Promise<Hold>;
  /** Resolves with the first event of the hold of this build that fits. */
  holdEvent(build: string, fits: (data: EventView['data']) => boolean): Promise<EventView>;
  /** The event of its end. */
  holdEnd(hold: string): Promise<EventView>;
  show(hold: string): Promise<Hold>;
  /** Resolves when the agent of its node is connected to this controller. */
  isBack(hold: string): Promise<void>;
  /** What a command shows in a terminal on the node. */
  run(hold: string, command: string): Promise<string>;
  /** Moves the end of a hold while no controller runs. */
  endsAt(hold: string, at: number): Promise<void>;
  /** The public key of the bastion. */
  hostKey(): Promise<string>;
  /** Releases whatever is held; resolves with what is left then, and what does not fit together of holds, nodes, jobs and the audit log, as sentences. */
  left(): Promise<string[]>;
}

/** Where agents of this machine pack workspaces. */
const PACKED = ['/var/lib/footman-held', join(homedir(), '.footman-held')];

export async function startHeldController(more = ''): Promise<HeldController> {
  const port = await freePort();
  const fixture = await startKilledController(
    (at) => `
teardown: { max-stopped: 0 }
sweep: { interval: 200ms, grace: 1s }
bastion: { listen: 127.0.0.1:${port} }
${more.includes('holds:') ? more : `holds: { extend-on-use: 0s }\n${more}`}
clouds: { lab: { kind: fake, world: ${at}, templates: { host: { labels: linux } } } }
`,
  );
  const { controller, world } = fixture;
  const token = (await readFile(join(controller.data, 'admin.token'), 'utf8')).trim();
  const client = createClient({ url: controller.url, token });
  return {
    ...fixture,
    client,
    async restart() {
      await controller.kill();
      await controller.start();
    },
    async fail() {
      const { id } = await controller.api.submit(`
jobs:
  test:
    runs-on: linux
    steps: [{ name: work, run: 'echo left here > trace; exit 7' }]
    post: { failure: [{ hold: { for: 1h, reason: it fails } }] }
`);
      return id;
    },
    async heldOf(build) {
      const { data } = await holdEvent(build, ({ expiresAt }) => typeof expiresAt === 'number');
      return client.holds.show(data.id);
    },
    holdEvent,
    holdEnd: (hold) =>
      controller.api.event(({ kind, data }) => kind === 'hold' && data.id === hold && data.state !== 'held'),
    async isBack(hold) {
      const connected = async (): Promise<boolean> => (await client.holds.show(hold)).node.connected;
      await expect.poll(connected, { timeout: 30_000 }).toBe(true);
    },
    show: (hold) => client.holds.show(hold),
    async run(hold, command) {
      const { stream } = await client.holds.terminal(hold, { columns: 80, rows: 24, command });
      return (await text(stream)).replaceAll('\r', '');
    },
    async endsAt(hold, at) {
      const store = await openStore({ kind: 'sqlite', file: join(controller.data, 'footman.db') });
      await patchHold(store.db, hold, { expires_at: at });
      await store.close();
    },
    async hostKey() {
      const ssh = new SshClient();
      const { promise, resolve } = Promise.withResolvers<string>();
      ssh
        .on('error', () => undefined)
        .connect({
          host: '127.0.0.1',
          port,
          username: 'nobody',
          password: '',
          hostVerifier: (key: Buffer) => {
            resolve(key.toString('base64'));
            return false;
          },
        });
      return promise;
    },
    async left() {
      const { holds } = await client.holds.list({ state: 'live' });
      for (const { id } of holds) await client.holds.release(id);
      const { id: last } = await controller.api.submit(
        'jobs: { last: { runs-on: linux, steps: [{ run: "true" }] } }',
      );
      const events = await controller.api.eventsUntil(
        ({ kind, data }) => kind === 'build' && data.id === last && data.state === 'finished',
      );
      const { nodes } = await controller.api.drained();
      const left = (await world.resources()).map(({ node }) => `a resource of node ${node}`);
      for (const { id } of nodes)
        if ((await processesOfNode(id)).length > 0) left.push(`a process of node ${id}`);
      return [...left, ...twice(events), ...(await flaws())];
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await fixture[Symbol.asyncDispose]();
      for (const path of PACKED) await rm(path, { recursive: true, force: true });
    },
  };

  function holdEvent(build: string, fits: (data: EventView['data']) => boolean): Promise<EventView> {
    return controller.api.event(
      ({ kind, buildId, data }) => kind === 'hold' && buildId === build && fits(data),
    );
  }

  async function flaws(): Promise<string[]> {
    const { api } = controller;
    const { holds } = await api.get<HoldList>('/holds?state=all');
    const { nodes } = await api.get<NodeList>('/nodes?all=true');
    const flaws: string[] = [];
    for (const { id, state } of nodes) {
      const own = holds.filter(({ node }) => node.id === id);
      if (own.length > 1) flaws.push(`node ${id} has ${own.length} holds`);
      if ((state === 'held') !== own.some((hold) => hold.state === 'held'))
        flaws.push(`node ${id} is ${state}, its hold ${own[0]?.state ?? 'is none'}`);
    }
    for (const { id } of holds) {
      const { entries } = await api.get<AuditLog>(`/audit?subject=${id}`);
      for (const once of ['hold.begun', 'hold.released', 'hold.expired'])
        if (entries.filter(({ action }) => action === once).length > 1) flaws.push(`${once} of ${id} twice`);
    }
    return flaws;
  }
}

/** What happens once at most to a node or a job, and has happened again. */
function twice(events: readonly EventView[]): string[] {
  const once = events.flatMap(({ kind, data: { id, state } }) => {
    const isOnce = (kind === 'node' && state === 'leased') || (kind === 'job' && state === 'finished');
    return isOnce ? [`${kind} ${id} ${state}`] : [];
  });
  return once.filter((event, index) => once.indexOf(event) !== index);
}
