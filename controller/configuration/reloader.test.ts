import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Cloud } from '#controller/clouds';
import { createSystemClock } from '#controller/clock';
import { loadConfiguration } from '#controller/config';
import { createJournal } from '#controller/events';
import { createFleet } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { createLabelMatcher } from '#controller/matching';
import { moveNode } from '#controller/nodes';
import { findNode, insertNode, openStore, type NodeState, type Store } from '#controller/store';
import { createConnections, createReloader, ReloadRefused, toOpenCloud } from './index.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'footman-reload-'));
  store = await openStore({ kind: 'sqlite', file: ':memory:' });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const LAB = '  lab: { kind: fake, world: /lab, templates: { small: { labels: lab } } }\n';
const OTHER = '  other: { kind: fake, world: /other, templates: { big: { labels: big } } }\n';

/** Opens what the text configures, with clouds that note when they are closed. */
async function start(clouds: string, { planned = async () => {} }: { planned?: () => Promise<void> } = {}) {
  const opened: string[] = [];
  const closed: string[] = [];
  let text = documentWith(clouds);
  const load = (other = text) => loadConfiguration({ text: other, env: {} });
  const started = await load();
  const connections = createConnections(async ({ name, settings }) => {
    const id = `${name} ${(settings as { world: string }).world}`;
    if (id.endsWith('/broken')) throw new Error('it can not be opened');
    opened.push(id);
    return { close: async () => void closed.push(id) } as Cloud;
  });
  await connections.use(await connections.openMissing(started.clouds));
  const fleet = createFleet(
    started.clouds.map((cloud) => toOpenCloud(cloud, connections.of(cloud.name) as Cloud)),
  );
  const clock = createSystemClock();
  const journal = createJournal({ store, clock });
  const reloader = createReloader({
    store,
    journal,
    fleet,
    connections,
    started,
    load,
    planned,
    file: null,
    logger: createLogger('silent'),
    matcher: createLabelMatcher(),
  });
  journal.subscribe(reloader.observe);
  return {
    reloader,
    fleet,
    journal,
    opened,
    closed,
    write: (next: string) => {
      text = documentWith(next);
    },
    reload: () => reloader.reload('test'),
    gone: async (id: string) => {
      await journal.commit((tx) => moveNode(tx, id, ['deleting'], 'deleted'));
      await reloader.settled();
    },
  };
}

function documentWith(clouds: string): string {
  return `data: ${folder}\nclouds:${clouds === '' ? ' {}' : `\n${clouds}`}\n`;
}

async function putNode(id: string, state: NodeState, cloud = 'lab', template = 'small'): Promise<void> {
  const row = { id, state, cloud, template, labels: [], state_since: 0, created_at: 0 };
  const rest = { template_digest: '', session_epoch: 0, removal_failures: 0, hedge: 0 };
  await insertNode(store.db, { ...row, ...rest });
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await findNode(store.db, id))?.state;
}

test('a new cloud is opened, others keep their connections and get their new limits', async () => {
  const { fleet, opened, closed, write, reload } = await start(LAB);
  write(LAB.replace('/lab,', '/lab, max-nodes: 7,') + OTHER);
  const { changes } = await reload();
  expect(changes.map(({ takes }) => takes)).toEqual(['now', 'now']);
  expect(fleet.cloud('lab')?.quota.nodes).toBe(7);
  expect(fleet.template('other', 'big')?.labels).toEqual(new Set(['big']));
  expect({ opened, closed }).toEqual({ opened: ['lab /lab', 'other /other'], closed: [] });
});

test('a removed cloud sends its idle nodes away and is closed with its last one', async () => {
  const { fleet, closed, write, reload, gone, journal } = await start(LAB + OTHER);
  await putNode('idle', 'ready');
  await putNode('busy', 'leased');
  write(OTHER);
  await reload();
  expect(fleet.cloud('lab')).toBeUndefined();
  expect(fleet.connection('lab')).toBeDefined();
  expect([await stateOf('idle'), await stateOf('busy')]).toEqual(['deleting', 'leased']);
  await gone('idle');
  expect(closed).toEqual([]);
  await journal.commit((tx) => moveNode(tx, 'busy', ['leased'], 'deleting'));
  await gone('busy');
  expect(closed).toEqual(['lab /lab']);
  expect(fleet.connection('lab')).toBeUndefined();
});

test('a cloud that comes back before its last node is gone has the connection that it had', async () => {
  const { fleet, opened, closed, write, reload } = await start(LAB);
  await putNode('busy', 'leased');
  write('');
  await reload();
  write(LAB);
  await reload();
  expect(fleet.cloud('lab')).toBeDefined();
  expect({ opened, closed }).toEqual({ opened: ['lab /lab'], closed: [] });
});

test('a connection is replaced when nothing needs it, and the old one is closed', async () => {
  const { fleet, opened, closed, write, reload } = await start(LAB);
  const before = fleet.connection('lab');
  write(LAB.replace('/lab', '/moved'));
  await reload();
  expect(fleet.connection('lab')).not.toBe(before);
  expect({ opened, closed }).toEqual({ opened: ['lab /lab', 'lab /moved'], closed: ['lab /lab'] });
});

test('with nodes it is refused, and so is everything else of that reload', async () => {
  const { fleet, reloader, opened, write, reload } = await start(LAB);
  await putNode('busy', 'leased');
  write(LAB.replace('/lab', '/moved') + OTHER);
  await expect(reload()).rejects.toThrow(ReloadRefused);
  expect(fleet.cloud('other')).toBeUndefined();
  expect(reloader.running().clouds).toHaveLength(1);
  expect(opened).toEqual(['lab /lab']);
});

test('a node that was being planned at that moment is not left without its cloud', async () => {
  const { fleet, closed, write, reload } = await start(LAB, { planned: () => putNode('late', 'planned') });
  const before = fleet.connection('lab');
  write(LAB.replace('/lab', '/moved'));
  await expect(reload()).rejects.toThrow('it still has 1 node');
  expect(fleet.cloud('lab')?.cloud).toBe(before);
  expect(closed).toEqual(['lab /moved']);
  expect(await stateOf('late')).toBe('planned');
});

test('whoever waits for a cloud keeps it while its connection is replaced, but gets no node of it', async () => {
  const seen: unknown[] = [];
  const { fleet, write, reload } = await start(LAB, {
    planned: async () =>
      void seen.push([fleet.template('lab', 'small')?.name, fleet.cloud('lab')?.quota.nodes]),
  });
  write(LAB.replace('/lab', '/moved'));
  await reload();
  expect(seen[0]).toEqual(['small', 0]);
  expect(fleet.cloud('lab')?.quota.nodes).toBeNull();
});

test('one cloud that can not be opened leaves all as it was', async () => {
  const { fleet, closed, write, reload } = await start(LAB);
  write(OTHER + LAB.replace('lab:', 'bad:').replace('/lab', '/broken'));
  await expect(reload()).rejects.toThrow('it can not be opened');
  expect(fleet.clouds().map(({ name }) => name)).toEqual(['lab']);
  expect(closed).toEqual(['other /other']);
});

test('what only a start applies stays a difference', async () => {
  const { reloader, reload, write } = await start(LAB);
  const before = reloader.running().timeouts.connect;
  write(`${LAB}timeouts: { queue: 7s, connect: 8s }`);
  await reload();
  expect(reloader.running().timeouts).toMatchObject({ queue: 7000, connect: before });
  expect((await reloader.check()).changes).toMatchObject([
    { takes: 'restart', why: 'it is read when the controller starts', path: ['timeouts', 'connect'] },
  ]);
});
