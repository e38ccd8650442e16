import type { Recordings } from '#controller/access';
import type { BuildKeeper } from '#controller/builds';
import type { Caches } from '#controller/caches';
import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import type { Gateway, LostAgents } from '#controller/gateway';
import type { Logger } from '#controller/logger';
import type { HoldKeeper } from '#controller/hold-keeper';
import { startLoop } from '#controller/loops';
import type { HostKeeper } from '#controller/hosts';
import type { VersionKeeper, VersionRemover } from '#controller/images';
import type { Reaper, Rechecker, Sweep } from '#controller/nodes';
import type { Preparer } from '#controller/preparations';
import type { ImageKeeper, Provisioner } from '#controller/provisioner';
import type { RebootKeeper, Reviver } from '#controller/reboots';
import type { Reloader } from '#controller/configuration';
import type { Scheduler } from '#controller/scheduler';
import type { Statuses } from '#controller/statuses';
import type { Schedules, Triggers } from '#controller/triggers';
import type { StorageParts } from './storage-parts.ts';

interface Parts extends Omit<StorageParts, 'fsck'> {
  scheduler: Scheduler;
  buildKeeper: BuildKeeper;
  provisioner: Provisioner;
  imageKeeper: ImageKeeper;
  reaper: Reaper;
  sweep: Sweep;
  rechecker: Rechecker;
  hostKeeper: HostKeeper;
  rebootKeeper: RebootKeeper;
  reviver: Reviver;
  holdKeeper: HoldKeeper;
  versionKeeper: VersionKeeper;
  imageRemover: VersionRemover;
  lostAgents: LostAgents;
  triggers: Triggers;
  schedules: Schedules;
  preparer: Preparer;
  statuses: Statuses;
  caches: Caches;
  recordings: Recordings;
  reloader: Reloader;
}

interface Deps {
  journal: Journal;
  clock: Clock;
  logger: Logger;
  gateway: Gateway;
  /** False for a controller that only answers: no job gets a node, no node is launched. */
  isPlacing: boolean;
}

export interface Loops {
  /** Ends what makes new nodes and leases; what removes them goes on. */
  stopPlacing(): Promise<void>;
  /** Resolves when the plan that is being made, if one is, is in the store. */
  planned(): Promise<void>;
  stop(): Promise<void>;
  /** Loops that do not work at the moment, as sentences for everybody; the log says why. */
  failing(): string[];
}

/** No event says that a cache or a recording is too old, and looking costs more than elsewhere. */
const FILES_IDLE_MS = 10 * 60_000;

/** Starts all control loops and tells each of the changes that concern it. */
export function startLoops(parts: Parts, { journal, clock, logger, gateway, isPlacing }: Deps): Loops {
  const common = { clock, logger };
  const { scheduler, buildKeeper, provisioner, imageKeeper, reaper, sweep, rechecker, hostKeeper } = parts;
  const { rebootKeeper, holdKeeper, versionKeeper, imageRemover, lostAgents, triggers, schedules } = parts;
  const { reviver, preparer, statuses, caches, logArchiver, recordings, reloader } = parts;
  const { waitingKeeper, testReader, retention, orphans } = parts;
  const placing = {
    scheduler: startLoop({ name: 'scheduler', run: isPlacing ? scheduler.run : rest, ...common }),
    provisioner: startLoop({ name: 'provisioner', run: isPlacing ? provisioner.run : rest, ...common }),
  };
  const keeping = {
    reaper: startLoop({ name: 'reaper', run: reaper.run, ...common }),
    sweep: startLoop({ name: 'sweep', run: sweep.run, ...common }),
    images: startLoop({ name: 'images', run: imageKeeper.run, ...common }),
    rechecker: startLoop({ name: 'rechecker', run: rechecker.run, ...common }),
    hosts: startLoop({ name: 'hosts', run: hostKeeper.run, ...common }),
    reboots: startLoop({ name: 'reboots', run: rebootKeeper.run, ...common }),
    reviver: startLoop({ name: 'reviver', run: reviver.run, ...common }),
    holds: startLoop({ name: 'holds', run: holdKeeper.run, ...common }),
    versions: startLoop({ name: 'versions', run: versionKeeper.run, ...common }),
    imageRemover: startLoop({ name: 'image-remover', run: imageRemover.run, ...common }),
    lostAgents: startLoop({ name: 'lost-agents', run: lostAgents.run, ...common }),
    buildKeeper: startLoop({ name: 'build-keeper', run: buildKeeper.run, ...common }),
    triggers: startLoop({ name: 'triggers', run: triggers.run, ...common }),
    schedules: startLoop({ name: 'schedules', run: schedules.run, ...common }),
    preparer: startLoop({ name: 'preparer', run: preparer.run, ...common }),
    statuses: startLoop({ name: 'statuses', run: statuses.run, ...common }),
    caches: startLoop({ name: 'caches', run: caches.run, idleMs: FILES_IDLE_MS, ...common }),
    logArchiver: startLoop({ name: 'log-archiver', run: logArchiver.run, ...common }),
    recordings: startLoop({
      name: 'recordings',
      run: recordings.run,
      idleMs: FILES_IDLE_MS,
      ...common,
    }),
    waiting: startLoop({ name: 'waiting-artifacts', run: waitingKeeper.run, ...common }),
    tests: startLoop({ name: 'tests', run: testReader.run, ...common }),
    retention: startLoop({ name: 'retention', run: retention.run, ...common }),
    orphans: startLoop({ name: 'orphans', run: orphans.run, idleMs: FILES_IDLE_MS, ...common }),
    gateway: startLoop({ name: 'gateway', run: gateway.run, ...common }),
  };
  const unsubscribe = journal.subscribe((changes) => {
    gateway.observe(changes);
    if (scheduler.concerns(changes)) placing.scheduler.wake();
    if (provisioner.observe(changes)) placing.provisioner.wake();
    if (reaper.observe(changes)) keeping.reaper.wake();
    if (rechecker.concerns(changes)) keeping.rechecker.wake();
    if (hostKeeper.concerns(changes)) keeping.hosts.wake();
    if (rebootKeeper.concerns(changes)) keeping.reboots.wake();
    if (reviver.concerns(changes)) keeping.reviver.wake();
    if (holdKeeper.concerns(changes)) keeping.holds.wake();
    if (versionKeeper.concerns(changes)) keeping.versions.wake();
    if (imageRemover.concerns(changes)) keeping.imageRemover.wake();
    if (changes.some(isReload)) for (const loop of [keeping.sweep, keeping.images]) loop.wake();
    reloader.observe(changes);
    if (lostAgents.concerns(changes)) keeping.lostAgents.wake();
    if (buildKeeper.concerns(changes)) keeping.buildKeeper.wake();
    if (triggers.concerns(changes)) keeping.triggers.wake();
    if (schedules.concerns(changes)) keeping.schedules.wake();
    if (preparer.concerns(changes)) keeping.preparer.wake();
    if (logArchiver.concerns(changes)) keeping.logArchiver.wake();
    if (statuses.observe(changes)) keeping.statuses.wake();
    if (waitingKeeper.concerns(changes)) keeping.waiting.wake();
    if (testReader.concerns(changes)) keeping.tests.wake();
    if (retention.concerns(changes)) keeping.retention.wake();
  });

  const named = Object.entries({ ...placing, ...keeping });
  const all = named.map(([, loop]) => loop);

  return {
    failing: () => named.filter(([, loop]) => loop.failing()).map(([name]) => `the loop ${name} fails`),
    async stopPlacing() {
      await Promise.all([placing.scheduler.stop(), placing.provisioner.stop()]);
    },
    planned: () => placing.provisioner.passed(),
    async stop() {
      await Promise.all(all.map((loop) => loop.stop()));
      unsubscribe();
    },
  };
}

/** There is nothing to do, and never will be. */
async function rest(): Promise<null> {
  return null;
}

function isReload({ kind }: Change): boolean {
  return kind === 'configuration';
}
