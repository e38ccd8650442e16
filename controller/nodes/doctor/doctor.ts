import type { Clock } from '#controller/clock';
import type { Fleet } from '#controller/fleet';
import {
  countLeaks,
  listHosts,
  liveNodes,
  nodesInStates,
  recentLeaks,
  type LeakCount,
  type Node,
  type Store,
} from '#controller/store';
import { adviceOf } from '#shared/errors';
import { limited } from '../limited.ts';
import type { Machine } from '../machine.ts';
import type { Sweep } from '../sweep/index.ts';
import type { TeardownSettings } from '../teardown-settings.ts';
import { problemsOf } from './problems.ts';
import type { CloudReport, DoctorReport, MachineReport, StorageReport } from './report.ts';
import { asHost, asLeak, asMissing, asResource, asStranded } from './rows.ts';

export interface Doctor {
  /** Looks at everything as it is now, and changes nothing. A cloud or a storage that does not answer is part of the answer. */
  examine(signal: AbortSignal): Promise<DoctorReport>;
}

interface Deps {
  store: Store;
  clock: Clock;
  fleet: Fleet;
  sweep: Pick<Sweep, 'preview' | 'lastListed'>;
  machine: Machine;
  storage: Storage;
  teardown(): TeardownSettings;
  /** Loops that do not work at the moment, as sentences. */
  failing(): readonly string[];
}

/** Where objects are kept; `probe` stores one, reads it and removes it again. */
interface Storage {
  kind: string;
  probe(signal: AbortSignal): Promise<void>;
}

/** People wait for the answer. */
const PROBE_LIMIT_MS = 20_000;
const LISTING_LIMIT_MS = 20_000;
const LEAKS = 20;

export function createDoctor({
  store,
  clock,
  fleet,
  sweep,
  machine,
  storage,
  teardown,
  failing,
}: Deps): Doctor {
  return {
    async examine(signal) {
      const counts = await countLeaks(store.db);
      const [stored, ...clouds] = await Promise.all([
        examineStorage(signal),
        ...fleet.connections().map(({ name }) => examineCloud(name, counts, signal)),
      ]);
      const nodes = await liveNodes(store.db);
      const report = {
        at: clock.now(),
        clouds,
        stranded: nodes.filter(isStranded).map(asStranded),
        leaks: (await recentLeaks(store.db, LEAKS)).map(asLeak),
        hosts: (await listHosts(store.db)).map(asHost),
        storage: stored,
        machine: await examineMachine(),
      };
      const doomed = await nodesInStates(store.db, ['deleting']);
      return { ...report, problems: problemsOf(report, doomed, failing()) };
    },
  };

  async function examineCloud(
    name: string,
    counts: readonly LeakCount[],
    signal: AbortSignal,
  ): Promise<CloudReport> {
    const { found, removed } = counts.find(({ cloud }) => cloud === name) ?? { found: 0, removed: 0 };
    const kind = fleet.cloud(name)?.kind ?? null;
    const common = { name, kind, listedAt: sweep.lastListed(name), leaks: { found, removed } };
    try {
      const { resources, missing } = await limited(clock, LISTING_LIMIT_MS, signal, (bounded) =>
        sweep.preview(name, bounded),
      );
      return {
        ...common,
        error: null,
        resources: resources.map(asResource),
        missing: missing.map(asMissing),
      };
    } catch (error) {
      signal.throwIfAborted();
      return { ...common, error: adviceOf(error), resources: [], missing: [] };
    }
  }

  async function examineStorage(signal: AbortSignal): Promise<StorageReport> {
    const { kind } = storage;
    const startedAt = clock.now();
    try {
      await limited(clock, PROBE_LIMIT_MS, signal, storage.probe);
      return { kind, error: null, ms: clock.now() - startedAt };
    } catch (error) {
      signal.throwIfAborted();
      return { kind, error: adviceOf(error), ms: clock.now() - startedAt };
    }
  }

  async function examineMachine(): Promise<MachineReport> {
    const { minFreeDiskBytes, minFreeMemoryBytes } = teardown();
    return {
      freeDiskBytes: await machine.freeDiskBytes(),
      leastDiskBytes: minFreeDiskBytes,
      freeMemoryBytes: machine.freeMemoryBytes(),
      leastMemoryBytes: minFreeMemoryBytes,
    };
  }

  function isStranded({ cloud }: Node): boolean {
    return fleet.connection(cloud) === undefined;
  }
}
