import { setImmediate } from 'node:timers/promises';
import { createJournal } from '#controller/events';
import type { OpenCloud } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { plannedNode } from '#controller/provisioner';
import { insertNode, listHosts, newId, openStore, type Host, type NewNode } from '#controller/store';
import { createHandClock } from '../clock/test-support.ts';
import { claimHost, createHostKeeper, freeHosts, type HostKeeper } from './index.ts';

/** A keeper over a store of its own, a cloud whose hosts do as they are told, and a clock that is moved by hand. */
export interface HostsFixture {
  readonly keeper: HostKeeper;
  /** One pass of the keeper, and all resets that it starts, except those that are held. */
  pass(): Promise<number | null>;
  now(): number;
  advance(ms: number): void;
  /** Hosts of each template. */
  configure(...templates: (string[] | null)[]): void;
  /** The next reset of the host goes on when this is resolved. */
  hold(host: string): PromiseWithResolvers<void>;
  /** Resets of the host fail until it is mended. */
  breakHost(host: string): void;
  /** Resets of the host heed no signal. */
  deafen(host: string): void;
  /** The cloud gives its resets so long, in milliseconds. */
  limitResets(ms: number): void;
  mendHost(host: string): void;
  /** All resets that were asked for, in their order. */
  resets(): string[];
  claim(host: string, nodeId: string): Promise<boolean>;
  /** Gives the host a node that is as told. */
  useHost(host: string, node: Partial<NewNode>): Promise<void>;
  /** The host's node is gone. */
  endNode(host: string): Promise<void>;
  host(name: string): Promise<Host | undefined>;
  states(): Promise<Record<string, string>>;
  free(): Promise<string[]>;
  /** A new keeper on what the old one left. */
  restart(): void;
  close(): Promise<void>;
}

const CLOUD = 'lab';
const MACHINE = { cloud: CLOUD, name: 'machine', digest: '', labels: new Set<string>() };

export async function createHostsFixture(...names: string[]): Promise<HostsFixture> {
  const store = await openStore({ kind: 'sqlite', file: ':memory:' });
  const clock = createHandClock();
  const journal = createJournal({ store, clock });
  const machines = createMachines();
  let templates: (string[] | null)[] = [names];
  let keeper = newKeeper();

  return {
    get keeper() {
      return keeper;
    },
    async pass() {
      const due = await keeper.run(new AbortController().signal);
      while ((await listHosts(store.db)).some(isMoving)) await setImmediate();
      return due;
    },
    now: clock.now,
    advance: clock.pass,
    configure(...configured) {
      templates = configured;
    },
    hold: machines.hold,
    breakHost: (name) => void machines.broken.add(name),
    deafen: (name) => void machines.deaf.add(name),
    limitResets: (ms) => void (machines.hosts.resetLimitMs = ms),
    mendHost: (name) => void machines.broken.delete(name),
    resets: () => [...machines.resets],
    claim,
    async useHost(name, node) {
      const id = newId();
      const planned = plannedNode(id, { template: MACHINE, request: null, host: name }, 1);
      await insertNode(store.db, { ...planned, ...node });
      await claim(name, id);
    },
    async endNode(name) {
      await store.db.updateTable('nodes').set({ state: 'deleted' }).where('host', '=', name).execute();
    },
    host: async (name) => (await listHosts(store.db)).find((host) => host.name === name),
    states: async () =>
      Object.fromEntries((await listHosts(store.db)).map(({ name, state }) => [name, state])),
    free: async () => (await freeHosts(store.db)).get(CLOUD) ?? [],
    restart() {
      machines.held.clear();
      keeper = newKeeper();
    },
    close: () => store.close(),
  };

  function isMoving({ name, state }: Host): boolean {
    return state === 'resetting' && !machines.held.has(name);
  }

  function claim(host: string, nodeId: string): Promise<boolean> {
    return journal.commit((tx) => claimHost(tx, { cloud: CLOUD, host, nodeId }));
  }

  function openCloud(): OpenCloud {
    return {
      name: CLOUD,
      cloud: { hosts: machines.hosts },
      templates: templates.map((settings) => ({ settings })),
    } as unknown as OpenCloud;
  }

  function newKeeper(): HostKeeper {
    const fleet = { clouds: () => [openCloud()], cloud: openCloud };
    const signal = new AbortController().signal;
    return createHostKeeper({ store, journal, clock, logger: createLogger('silent'), fleet, signal });
  }
}

function createMachines() {
  const resets: string[] = [];
  const broken = new Set<string>();
  /** Hosts whose reset waits to be let on. */
  const held = new Set<string>();
  const holds = new Map<string, PromiseWithResolvers<void>>();
  /** Hosts whose reset heeds no signal. */
  const deaf = new Set<string>();
  return {
    resets,
    broken,
    held,
    deaf,
    hold(host: string) {
      const hold = Promise.withResolvers<void>();
      holds.set(host, hold);
      return hold;
    },
    hosts: {
      resetLimitMs: undefined as number | undefined,
      of: (settings: unknown) => settings as string[] | null,
      async reset(host: string, signal: AbortSignal): Promise<void> {
        resets.push(host);
        if (broken.has(host)) throw new Error('it does not answer');
        const hold = holds.get(host);
        if (hold === undefined) return;
        holds.delete(host);
        held.add(host);
        if (!deaf.has(host))
          signal.addEventListener('abort', () => hold.reject(signal.reason), { once: true });
        await hold.promise.finally(() => held.delete(host));
      },
    },
  };
}
