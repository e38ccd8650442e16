import { countOccupancy, createFleet, type OpenCloud } from '#controller/fleet';
import { createLostAgents } from '#controller/gateway';
import type { Clock } from '#controller/clock';
import { createJournal, type Journal } from '#controller/events';
import { createLogger } from '#controller/logger';
import { startLoop } from '#controller/loops';
import { createLabelMatcher } from '#controller/matching';
import { createReaper, createSweep, failNode } from '#controller/nodes';
import { recallLaunches, type Provisioner } from '#controller/provisioner';
import { createQueueStore, createScheduler } from '#controller/scheduler';
import { disconnectAll, type Node, type Store } from '#controller/store';
import { createProvisionerParts } from '../provisioner-parts.ts';
import { createMortalStore } from './mortal-store.ts';

/** One life of a controller, from its start to its death, as far as nodes are concerned. */
export interface Life {
  journal: Journal;
  provisioner: Provisioner;
  isAlive(): boolean;
  /** As kill -9: from now on it writes nothing and does nothing. */
  die(): void;
}

interface Deps {
  store: Store;
  clock: Clock;
  /** The configured clouds, as this life connects to them. */
  clouds(life: { isAlive(): boolean }): readonly OpenCloud[];
  /** It dies right after so many commits; `Infinity` where it lives on. */
  commits: number;
  onDeath(): void;
}

/** Short, so that little has to happen in a test; each state has its own (L3). */
const TIMEOUTS = { launchMs: 60_000, connectMs: 45_000, checkMs: 30_000, agentLostMs: 40_000 } as const;
const SWEEP = { intervalMs: 60_000, graceMs: 60_000 } as const;
/**
 * Clouds that do well have nothing unintended so long after it came: it is older than the grace, two listings have shown it, and it is
 * removed. A sweep that waited for a call that failed is a few seconds late.
 */
export const SWEPT_MS = SWEEP.graceMs + 2 * SWEEP.intervalMs + 10_000;
const TEARDOWN = {
  maxStopped: 2,
  maxAgeMs: 10 * 60_000,
  minFreeDiskBytes: 0,
  minFreeMemoryBytes: 0,
  idleMs: 30_000,
  atOnce: 2,
} as const;
/** Clouds that do well have removed a node so long after its end, whatever else there is: its launch, its stop and its removal have limits, too. */
export const REAPED_MS = TEARDOWN.maxAgeMs + 3 * 60_000;
const IDLE_MS = 5 * 60_000;

/** The controller's own parts and loops, put together as its composition root does. */
export async function startLife({
  store: whole,
  clock: time,
  clouds,
  commits,
  onDeath,
}: Deps): Promise<Life> {
  const store = createMortalStore(whole, commits, onDeath);
  const { isAlive } = store;
  const clock: Clock = { now: time.now, after: (ms, action) => time.after(ms, () => isAlive() && action()) };
  const logger = createLogger('silent');
  const matcher = createLabelMatcher();
  const { signal } = new AbortController();
  const journal = createJournal({ store, clock });
  const ground = { store, clock, logger, journal, matcher, signal };
  const fleet = createFleet(clouds({ isAlive }));
  const { provisioner, ...memory } = createProvisionerParts({ ...ground, fleet, timeouts: TIMEOUTS });
  await recallLaunches(store.db, { fleet, ...memory });
  const scheduler = createScheduler({ ...ground, fleet, queue: createQueueStore(ground) });
  const lostAgents = createLostAgents({
    ...ground,
    agentLostMs: TIMEOUTS.agentLostMs,
    cloudOf: fleet.connection,
  });
  const reaper = createReaper({
    ...ground,
    fleet,
    countOccupancy,
    machine: { freeDiskBytes: async () => Infinity, freeMemoryBytes: () => Infinity },
    settings: () => TEARDOWN,
    launchSettled: provisioner.launchSettled,
    keepConsole: async () => undefined,
  });
  const sweep = createSweep({ ...ground, fleet, onVanished, settings: () => SWEEP });
  await disconnectAll(store.db, clock.now());

  const loops = {
    scheduler: start('scheduler', scheduler.run),
    provisioner: start('provisioner', provisioner.run),
    reaper: start('reaper', reaper.run),
    sweep: start('sweep', sweep.run),
    lostAgents: start('lost-agents', lostAgents.run),
  };
  journal.subscribe((changes) => {
    if (scheduler.concerns(changes)) loops.scheduler.wake();
    if (provisioner.observe(changes)) loops.provisioner.wake();
    if (reaper.observe(changes)) loops.reaper.wake();
    if (lostAgents.concerns(changes)) loops.lostAgents.wake();
  });
  return { journal, provisioner, isAlive, die: store.die };

  function start(name: string, run: (stop: AbortSignal) => Promise<number | null>) {
    return startLoop({ name, run, clock, logger, idleMs: IDLE_MS });
  }

  async function onVanished(node: Node): Promise<void> {
    const reason = 'its resource has vanished from the cloud';
    if (node.state === 'leased') await lostAgents.vanished(node, reason);
    else await journal.commit((tx) => failNode(tx, node.id, { reason, failure: 'vanished' }));
  }
}
