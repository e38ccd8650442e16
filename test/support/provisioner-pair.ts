import type { Cloud } from '#controller/clouds';
import { sentByHand, submitBuild } from '#controller/builds';
import { createJournal, type Journal } from '#controller/events';
import { createFleet, type OpenCloud } from '#controller/fleet';
import { createLogger } from '#controller/logger';
import { createLabelMatcher } from '#controller/matching';
import { moveNode } from '#controller/nodes';
import type { Provisioner } from '#controller/provisioner';
import { createQueueStore, createScheduler, type Scheduler } from '#controller/scheduler';
import { nodesInStates, openStore, type Store, type StoreSettings } from '#controller/store';
import { parsePipeline } from '#shared/pipeline';
import { createProvisionerParts } from './provisioner-parts.ts';

/** What of a controller asks for nodes, brings them, and gives them to jobs. */
export interface Placing {
  store: Store;
  journal: Journal;
  scheduler: Scheduler;
  provisioner: Provisioner;
}

/** Two controllers on one database, neither of which knows of the other. Time stands still. */
export interface ProvisionerPair extends AsyncDisposable {
  store: Store;
  journal: Journal;
  /** Sends so many builds of one job each, for the project if one is named. */
  submit(count: number, projectId?: string): Promise<void>;
  /** Both run one pass of the part at the same moment. */
  together(part: 'scheduler' | 'provisioner'): Promise<void>;
  /** Nodes that their clouds have taken become ready. */
  arrive(): Promise<void>;
}

const NOW = 1_000_000;
const never = new AbortController().signal;
const clock = { now: () => NOW, after: () => () => undefined };

/** Nodes of these clouds are launched at once; the `cloud` of each is the test's, as far as it goes. */
export async function openProvisionerPair(
  settings: StoreSettings,
  clouds: readonly OpenCloud[],
): Promise<ProvisionerPair> {
  const pair = [await openPlacing(settings, clouds), await openPlacing(settings, clouds)] as const;
  const [{ store, journal }] = pair;

  return {
    store,
    journal,
    async submit(count, projectId) {
      const parsed = parsePipeline('jobs: { a: { runs-on: linux, steps: [{ run: "true" }] } }', 'test.yaml');
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      const submission = sentByHand({ pipeline: parsed.pipeline, file: 'test.yaml' });
      for (let index = 0; index < count; index += 1)
        await submitBuild(
          journal,
          { ...submission, projectId: projectId ?? null },
          { queueTimeoutMs: 60_000 },
        );
    },
    async together(part) {
      await Promise.all(pair.map((placing) => placing[part].run(never)));
      await Promise.all(pair.map(({ provisioner }) => provisioner.settled()));
    },
    async arrive() {
      for (const { id } of await nodesInStates(store.db, ['connecting']))
        await journal.commit(async (tx) => {
          await moveNode(tx, id, ['connecting'], 'checking');
          await moveNode(tx, id, ['checking'], 'ready', { ready_at: tx.at });
        });
    },
    async [Symbol.asyncDispose]() {
      for (const placing of pair) await placing.store.close();
    },
  };
}

async function openPlacing(settings: StoreSettings, clouds: readonly OpenCloud[]): Promise<Placing> {
  const store = await openStore(settings);
  const journal = createJournal({ store, clock });
  const ground = { store, journal, clock, logger: createLogger('silent'), matcher: createLabelMatcher() };
  const fleet = createFleet(clouds);
  const { provisioner } = createProvisionerParts({ ...ground, fleet, signal: never });
  journal.subscribe((changes) => void provisioner.observe(changes));
  const scheduler = createScheduler({ ...ground, fleet, queue: createQueueStore(ground) });
  return { store, journal, scheduler, provisioner };
}

/** A cloud that takes every node at once, and removes none. */
export function willingCloud(hosts: readonly string[] | null = null): Cloud {
  const cloud: Partial<Cloud> = {
    launch: async ({ node }) => ({ resource: node.id }),
    hosts: { of: () => hosts, reset: async () => undefined },
  };
  return cloud as Cloud;
}
