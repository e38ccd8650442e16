import type { Change } from '#controller/events';
import type { Fleet, Occupancy } from '#controller/fleet';
import {
  cordonsOf,
  countUnfinished,
  liveNodes,
  nodesInStates,
  type Node,
  type Store,
} from '#controller/store';
import { crowdingIn } from './crowding.ts';
import { createFarewells, type FarewellDeps } from './farewells.ts';
import type { Machine } from './machine.ts';
import { due, type Pressure, type Waiting } from './teardown.ts';
import type { TeardownSettings } from './teardown-settings.ts';

export interface Reaper {
  /** Stops what is new, and starts the removals that are due. Returns when the next one is. */
  run(signal: AbortSignal): Promise<number | null>;
  /** Takes note of jobs that come and go; tells whether these changes are a reason to run at once. */
  observe(changes: readonly Change[]): boolean;
  /**
   * Removes whatever waits for a threshold, and resolves when each was tried once, or the signal aborts. What failed before keeps its time;
   * what comes later waits as usual.
   */
  flush(signal: AbortSignal): Promise<void>;
  /** Resolves when no call to a cloud is under way. */
  settled(): Promise<void>;
}

interface Deps extends Omit<FarewellDeps, 'cloudOf' | 'atOnce'> {
  store: Store;
  fleet: Fleet;
  /** What these nodes use of the quotas. */
  countOccupancy(nodes: readonly Node[], fleet: Fleet): Occupancy;
  machine: Machine;
  /** Those that hold now. */
  settings(): TeardownSettings;
}

/** A job in one of these wants the machine; one that is blocked waits for those that are. */
const BUSY: ReadonlySet<string> = new Set(['queued', 'leased', 'running']);

/**
 * Takes away the nodes in `deleting`, off everybody's critical path: each is stopped at once, so that it uses nothing any more, and removed
 * later, many at a time, when `due` says so. Removing is a state that ends when the cloud confirms; it is retried until then, and the node
 * counts against the quotas (L6, L11). All that must not be forgotten stands in the rows, so that a restarted controller goes on as it is.
 */
export function createReaper(deps: Deps): Reaper {
  const { store, clock, logger, fleet, countOccupancy, machine, settings, signal } = deps;
  const farewells = createFarewells({
    ...deps,
    cloudOf: fleet.connection,
    atOnce: () => settings().atOnce,
  });
  /** They answer again: what they would not remove is tried now, whatever its time. */
  const recovered = new Set<string>();
  let anyWaits = false;
  let idleSince: number | null = null;

  return {
    async run() {
      const eager = new Set(recovered);
      recovered.clear();
      const doomed = await nodesInStates(store.db, ['deleting']);
      farewells.keepOnly(doomed);
      const waiting = doomed.filter((node) => !farewells.isLeaving(node));
      anyWaits = waiting.length > 0;
      if (!anyWaits || signal.aborted) return null;
      const { now, next } = due(waiting, await readPressure(), settings(), clock.now());
      if (now.length > 0)
        logger.debug({ nodes: now.length, reason: now[0]?.reason }, 'stopped nodes are removed');
      const going = new Set(now.map(({ node }) => node));
      for (const node of waiting) if (!going.has(node) && node.stopped_at === null) farewells.stop(node);
      return begin([...going], next, eager);
    },

    observe(changes) {
      // Work between two runs is work all the same.
      if (changes.some(({ kind }) => kind === 'job')) idleSince = null;
      for (const { kind, data } of changes)
        if (kind === 'cloud' && data.state === 'reachable') recovered.add(data.id);
      return changes.some(({ kind, data }) => {
        if (kind === 'cloud') return anyWaits;
        if (kind === 'node' && data.state === 'deleting') return true;
        // One more node: its quota may be reached now.
        return anyWaits && kind === 'node' && data.state === 'planned';
      });
    },

    async flush(until) {
      const doomed = await nodesInStates(store.db, ['deleting']);
      const fresh = doomed.filter(({ removal_failures: failures }) => failures === 0);
      await unlessAborted(Promise.all(fresh.map((node) => farewells.remove(node))), until);
    },

    settled: () => farewells.settled(),
  };

  /** Starts the removals whose time has come. Returns when that of the others does. */
  function begin(going: readonly Node[], next: number | null, eager: ReadonlySet<string>): number | null {
    let earliest = next;
    for (const node of going) {
      const at = node.removal_due_at ?? node.state_since;
      if (at > clock.now() && !eager.has(node.cloud)) earliest = Math.min(earliest ?? at, at);
      else void farewells.remove(node);
    }
    return earliest;
  }

  async function readPressure(): Promise<Pressure> {
    const jobs = await countUnfinished(store.db, 'jobs');
    if (jobs.some(({ state }) => BUSY.has(state))) idleSince = null;
    else idleSince ??= clock.now();
    const cordons = new Set((await cordonsOf(store.db)).map(({ target }) => target));
    const crowding = crowdingIn(fleet, countOccupancy(await liveNodes(store.db), fleet));
    return {
      freeDiskBytes: await machine.freeDiskBytes(),
      freeMemoryBytes: machine.freeMemoryBytes(),
      idleSince,
      wanted: (node) => drained(node, cordons) ?? crowding(node),
    };
  }
}

/** Whoever cordons a cloud or a template may wait for it to be empty. */
function drained({ cloud, template }: Waiting, cordons: ReadonlySet<string>): string | null {
  const target = [cloud, `${cloud}/${template}`].find((each) => cordons.has(each));
  return target === undefined ? null : `${target} is cordoned`;
}

async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const abort = (): void => resolve();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) resolve();
  await Promise.race([work, aborted]);
  signal.removeEventListener('abort', abort);
}
