import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { Logger } from '#controller/logger';
import { limited } from '#controller/nodes';
import { deleteHost, hostsLeft, listHosts, type Host, type Store } from '#controller/store';
import { messageOf } from '#shared/errors';
import { addHost, beginReset, failHost, freeHost, releaseHost } from './life-cycle.ts';

/** Keeps the static hosts of all clouds fit to serve. */
export interface HostKeeper {
  /** One pass. Returns when the next quarantine ends. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when no reset is under way. */
  settled(): Promise<void>;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  fleet: Pick<Fleet, 'clouds' | 'cloud'>;
  /** Aborted when the controller stops: resets under way are done again in its next life. */
  signal: AbortSignal;
}

const RESET_LIMIT_MS = 10 * 60_000;

/**
 * Hosts as configured → rows; hosts whose node is gone → reset; hosts that were reset → free. Each reset is on its own, so that one that
 * hangs keeps no other host from its work.
 */
export function createHostKeeper({ store, journal, clock, logger, fleet, signal }: Deps): HostKeeper {
  const underWay = new Map<string, Promise<void>>();
  /** Most controllers have none, and need not look at every node that goes. */
  let anyHosts = true;

  return {
    async run() {
      for (const left of await hostsLeft(store.db)) await journal.commit((tx) => releaseHost(tx, left));
      await adopt();
      const hosts = await listHosts(store.db);
      anyHosts = hosts.length > 0;
      let due: number | null = null;
      for (const host of hosts) {
        if (host.state === 'resetting') startReset(host);
        if (host.state !== 'quarantined') continue;
        const at = host.due_at ?? host.state_since;
        if (at > clock.now()) due = Math.min(due ?? at, at);
        else startReset(host);
      }
      return due;
    },
    concerns: (changes) =>
      changes.some(
        ({ kind, data }) =>
          kind === 'configuration' ||
          (kind === 'node' && data.state === 'deleted' && anyHosts) ||
          (kind === 'host' && data.state === 'quarantined'),
      ),
    async settled() {
      await Promise.all(underWay.values());
    },
  };

  /** New hosts get their rows. Rows of hosts that are not configured any more go, once no node is on them. */
  async function adopt(): Promise<void> {
    const configured = configuredHosts(fleet);
    const known = await listHosts(store.db);
    for (const host of known) {
      if (configured.has(keyOf(host))) configured.delete(keyOf(host));
      else if (host.state !== 'busy') await deleteHost(store.db, host);
    }
    if (configured.size === 0) return;
    await journal.commit(async (tx) => {
      for (const host of configured.values()) await addHost(tx, host);
    });
  }

  function startReset(host: Host): void {
    if (underWay.has(keyOf(host)) || signal.aborted) return;
    const done = reset(host)
      .catch((error: unknown) =>
        logger.error({ err: error, ...idOf(host) }, 'a reset could not be recorded; it is done again'),
      )
      .finally(() => underWay.delete(keyOf(host)));
    underWay.set(keyOf(host), done);
  }

  async function reset(stale: Host): Promise<void> {
    const host = await journal.commit((tx) => beginReset(tx, stale));
    if (host === undefined) return;
    try {
      await askCloud(host);
    } catch (error) {
      if (!signal.aborted) await fail(host, error);
      return;
    }
    await journal.commit((tx) => freeHost(tx, host));
  }

  async function fail(host: Host, error: unknown): Promise<void> {
    logger.warn(
      { err: error, ...idOf(host), failures: host.failures + 1 },
      'a static host could not be reset; it is quarantined, and reset again later',
    );
    await journal.commit((tx) => failHost(tx, host, `its reset failed: ${messageOf(error)}`));
  }

  async function askCloud({ cloud, name }: Host): Promise<void> {
    const hosts = fleet.cloud(cloud)?.cloud.hosts;
    if (hosts === undefined) throw new Error(`cloud ${cloud} has no static hosts any more`);
    const limitMs = hosts.resetLimitMs ?? RESET_LIMIT_MS;
    await limited(clock, limitMs, signal, (bounded) => hosts.reset(name, bounded));
  }
}

/** One name is one host, however many templates of the cloud use it. */
function configuredHosts(fleet: Pick<Fleet, 'clouds'>): Map<string, Pick<Host, 'cloud' | 'name'>> {
  const hosts = fleet
    .clouds()
    .flatMap(({ name: cloud, cloud: { hosts: ofCloud }, templates }) =>
      templates.flatMap(({ settings }) => ofCloud?.of(settings) ?? []).map((name) => ({ cloud, name })),
    );
  return new Map(hosts.map((host) => [keyOf(host), host]));
}

function keyOf({ cloud, name }: Pick<Host, 'cloud' | 'name'>): string {
  return JSON.stringify([cloud, name]);
}

/** For the log. */
function idOf({ cloud, name }: Host): { cloud: string; host: string } {
  return { cloud, host: name };
}
