import type { Cloud } from '#controller/clouds';
import type { CheckSettings, OpenCloud, Template } from '#controller/fleet';
import { insertNode, openStore, type Node, type Store } from '#controller/store';
import { createJournal, type Journal } from '#controller/events';
import { plannedNode } from '#controller/provisioner';
import { createHandClock, type HandClock } from '../clock/test-support.ts';

const HOST = { cloud: 'local', name: 'host', digest: '', labels: new Set<string>() };

/** Nothing is looked at. */
export const NO_CHECKS: CheckSettings = {
  diskBytes: null,
  memoryBytes: null,
  clockMs: null,
  dns: [],
  reach: [],
  script: null,
  timeoutMs: 60_000,
  everyMs: null,
};

export interface Place {
  store: Store;
  journal: Journal;
  clock: HandClock;
}

export async function openPlace(): Promise<Place> {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const clock = createHandClock();
  return { store, clock, journal: createJournal({ store, clock }) };
}

/** A node of the template `host` of the cloud `local`, where nothing else is said. */
export function nodeRow(given: Partial<Node> & Pick<Node, 'id' | 'state'>, at = 0): Node {
  return { ...plannedNode(given.id, { template: HOST, request: null }, at), ...given };
}

export async function putNode(
  { store, clock }: Place,
  given: Partial<Node> & Pick<Node, 'id' | 'state'>,
): Promise<Node> {
  const node = nodeRow(given, clock.now());
  await insertNode(store.db, node);
  return node;
}

/** A cloud that has nothing, and does all that it is asked at once, but for what is given. */
export function cloudOf(given: Partial<Cloud>): Cloud {
  return {
    capabilities: { snapshot: false, console: false, privateNetwork: false, reboot: false },
    launch: ({ node }) => Promise.resolve({ resource: node.id }),
    async *list() {},
    stop: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    console: () => Promise.resolve(null),
    close: () => Promise.resolve(),
    ...given,
  };
}

/** A cloud with one template, `host`, and a quota on its nodes. */
export function openCloudOf(cloud: Cloud, { name = 'local', nodes = 100 } = {}): OpenCloud {
  const quota = { nodes, cpus: null, memoryBytes: null };
  const template: Template = {
    cloud: name,
    name: 'host',
    labels: new Set(['linux']),
    stream: null,
    digest: '',
    learned: null,
    factsAsLabels: [],
    settings: {},
    quota: { nodes: null, cpus: null, memoryBytes: null },
    size: { cpus: 0, memoryBytes: 0 },
    weight: 1,
    cost: 0,
    pool: { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null },
    checks: null,
  };
  return {
    name,
    kind: 'fake',
    cloud,
    templates: [template],
    quota,
    launchMs: null,
    launchRate: null,
    reserve: null,
  };
}
