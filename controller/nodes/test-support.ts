import type { Cloud } from '#controller/clouds';
import type { Clock } from '#controller/clock';
import { insertNode, openStore, type Node, type Store } from '#controller/store';
import { createJournal, type Journal } from '#controller/events';
import type { OpenCloud, Template } from '#controller/provisioner';

/** Time that passes only when the test says so. */
export interface HandClock extends Clock {
  pass(ms: number): void;
}

export function createHandClock(): HandClock {
  let time = 1_000_000;
  const timers = new Set<{ at: number; action(): void }>();
  return {
    now: () => time,
    after(ms, action) {
      const timer = { at: time + ms, action };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      time += ms;
      for (const timer of timers) if (timer.at <= time && timers.delete(timer)) timer.action();
    },
  };
}

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
  return {
    cloud: 'local',
    template: 'host',
    template_digest: '',
    image: null,
    host: null,
    request_id: null,
    labels: [],
    state_since: at,
    reason: null,
    failure: null,
    hedge: 0,
    cordoned: null,
    resource: null,
    facts: null,
    bootstrap_used_at: null,
    session_epoch: 0,
    disconnected_at: null,
    removal_failures: 0,
    removal_due_at: null,
    stopped_at: null,
    requested_at: null,
    created_at: at,
    launched_at: null,
    connected_at: null,
    ready_at: null,
    checked_at: null,
    leased_at: null,
    deleted_at: null,
    ...given,
  };
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
    digest: '',
    settings: {},
    quota: { nodes: null, cpus: null, memoryBytes: null },
    size: { cpus: 0, memoryBytes: 0 },
    weight: 1,
    cost: 0,
    pool: { minReady: 0, schedule: [], learning: null, maxReadyAgeMs: null },
    checks: null,
  };
  return { name, kind: 'fake', cloud, templates: [template], quota, launchRate: null, reserve: null };
}
