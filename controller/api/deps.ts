import type { Registry } from 'prom-client';
import type { Access } from '#controller/access';
import type { Blobs } from '#controller/blobs';
import type { SubmitDefaults } from '#controller/builds';
import type { Clock } from '#controller/clock';
import type { Reloader } from '#controller/configuration';
import type { Journal } from '#controller/events';
import type { Fleet } from '#controller/fleet';
import type { Fsck } from '#controller/fsck';
import type { HeldNodes } from '#controller/gateway';
import type { Exports } from '#controller/images';
import type { Keys } from '#controller/keys';
import type { Logger } from '#controller/logger';
import type { Logs } from '#controller/logs';
import type { Doctor } from '#controller/nodes';
import type { Projects } from '#controller/projects';
import type { OrphanSweep } from '#controller/orphans';
import type { Breakers, LaunchHistory, Pools, Provisioner } from '#controller/provisioner';
import type { RetentionKeeper } from '#controller/retention';
import type { Secrets } from '#controller/secrets';
import type { Store } from '#controller/store';
import type { Receiver, StartByHand } from '#controller/triggers';
import type { BastionAddress } from './holds/ways-in.ts';
import type { Terminals } from './terminals/terminals.ts';

/** What the API lives on. */
export interface ApiDeps {
  store: Store;
  journal: Journal;
  logs: Logs;
  blobs: Blobs;
  keys: Keys;
  clock: Clock;
  logger: Logger;
  fleet: Fleet;
  /** What the provisioner knows: why candidates launch nothing now, how quickly they start, and what their pools should have. */
  provisioner: Pick<Provisioner, 'explain'>;
  breakers: Pick<Breakers, 'state'>;
  history: Pick<LaunchHistory, 'startMs'>;
  pools: Pick<Pools, 'target'>;
  /** The configuration that runs. */
  reloader: Reloader;
  secrets: Secrets;
  projects: Projects;
  /** Takes webhooks. */
  receiver: Receiver;
  /** Starts builds of projects. */
  startByHand: StartByHand;
  submitDefaults: SubmitDefaults;
  /** Images as files. */
  exports: Exports;
  heldNodes: Pick<HeldNodes, 'isConnected' | 'facts'>;
  /** Where recordings lie. */
  access: Pick<Access, 'recording'>;
  /** What people write into their commands; null where there is no bastion. */
  bastion: () => BastionAddress | null;
  terminals: Pick<Terminals, 'tickets'>;
  /** The controller's metrics; the API adds the counts that it takes from the store on each scrape. */
  metrics: Registry;
  /** Says what is wrong with all that the controller answers for. */
  doctor: Doctor;
  /** Compares the store with the storage. */
  fsck: Fsck;
  /** What the sweep of the storage saw, and has removed. */
  orphans: Pick<OrphanSweep, 'stock' | 'removed'>;
  retention: Pick<RetentionKeeper, 'removed'>;
  /** What keeps the controller from working, as sentences; none when it is ready. The store is asked by the API itself. */
  unready?: () => readonly string[];
  /** The last thing that went wrong with a cloud since it last worked. */
  problemOf?: (cloud: string) => CloudProblem | null;
  /** Largest source that a client may upload, in bytes. */
  maxSourceBytes?: number;
}

export interface CloudProblem {
  message: string;
  /** Milliseconds since the epoch. */
  at: number;
}
