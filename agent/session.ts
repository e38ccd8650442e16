import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ControllerMessageOf } from '#shared/protocol';
import type { Artifacts, Digests } from './artifacts/index.ts';
import type { Checks } from './checks/index.ts';
import type { Fetches } from './fetch/index.ts';
import { createTransport, type Endpoint } from './http/index.ts';
import type { Held } from './held/index.ts';
import type { Link, LinkHandler, Order } from './link/index.ts';
import { createSteps } from './steps/index.ts';
import type { Folders, Libc } from './system/index.ts';

interface Deps {
  folders: Folders;
  endpoint: Endpoint;
  link: Link;
  libc: Libc;
  /** The node has served. */
  served(): void;
}

type FileOrder = ControllerMessageOf<
  'artifact.collect' | 'artifact.put' | 'artifact.part-puts' | 'artifact.ack' | 'files.hash'
>;
type FetchOrder = ControllerMessageOf<'fetch.begin' | 'fetch.files' | 'fetch.ack'>;

export interface Session extends LinkHandler {
  /** The agent ends: nothing of a hold is left that would outlive it when this returns. */
  over(): void;
}

/** Does what the controller says, over all connections of the lease. */
export function createSession({ folders, endpoint, link, libc, served }: Deps): Session {
  // Processes whose exit status Node.js waits for: nobody else may take it.
  const children = new Set<number>();
  const transport = createTransport({ endpoint });
  const steps = createSteps({ folders, transport, link, libc, children });
  let files: Promise<{ artifacts: Artifacts; digests: Digests }> | undefined;
  let fetches: Promise<Fetches> | undefined;
  let checks: Promise<Checks> | undefined;
  let held: Promise<Held> | undefined;
  let heldNow: Held | undefined;

  return {
    welcome(message) {
      steps.resume(message);
      // A node that is being checked is made ready for steps when that is over.
      if (checks === undefined) steps.prepare();
    },
    frame: (data) => void withHeld((node) => node.frame(data)),
    lost() {
      steps.paused();
      if (held !== undefined) void withHeld((node) => node.lost());
    },
    flushed() {
      steps.flushed();
      if (held !== undefined) void withHeld((node) => node.flushed());
    },
    message,
    over: () => heldNow?.end(),
  };

  function message(order: Order): void {
    switch (order.type) {
      case 'step.start':
        return steps.start(order);
      case 'step.cancel':
        return steps.cancel(order);
      case 'reboot.prepare':
        return steps.prepareReboot(order);
      case 'step.ack':
        return steps.acknowledged(order);
      case 'log.ack':
        return steps.logAcknowledged(order);
      case 'artifact.collect':
      case 'artifact.put':
      case 'artifact.part-puts':
      case 'artifact.ack':
      case 'files.hash':
        return void handOn(order);
      case 'fetch.begin':
      case 'fetch.files':
      case 'fetch.ack':
        return void fetch(order);
      case 'check.start':
        return void check(order);
      case 'hold.begin':
      case 'hold.keys':
      case 'hold.pack':
      case 'channel.open':
      case 'channel.resize':
      case 'channel.signal':
      case 'channel.credit':
      case 'channel.eof':
      case 'channel.close':
        return void withHeld((node) => node.order(order));
      case 'lease.end':
        return void end();
    }
  }

  async function end(): Promise<void> {
    // Of a hold that ended while the machine started anew, this is the first that this agent hears.
    if (held !== undefined || existsSync(join(folders.root, 'held'))) await withHeld((node) => node.end());
    served();
  }

  /** Loaded with the first order too: most nodes are not held. What comes is done in the order in which it came. */
  async function withHeld(use: (node: Held) => void): Promise<void> {
    held ??= import('./held/index.ts').then(({ createHeld }) =>
      createHeld({ folders, link, libc, steps, children }),
    );
    heldNow = await held;
    use(heldNow);
  }

  /** Loaded with the first order too: most nodes are not checked. */
  async function check(order: ControllerMessageOf<'check.start'>): Promise<void> {
    checks ??= import('./checks/index.ts').then(({ createChecks }) =>
      createChecks({ folders, libc, link, steps }),
    );
    (await checks).start(order);
  }

  /** What it takes to look at files is loaded with the first order: it takes longer than all the rest. */
  async function handOn(order: FileOrder): Promise<void> {
    files ??= import('./artifacts/index.ts').then(({ createArtifacts, createDigests }) => ({
      artifacts: createArtifacts({ folders, transport, link }),
      digests: createDigests({ workspace: folders.workspace, link }),
    }));
    const { artifacts, digests } = await files;
    if (order.type === 'files.hash') digests.hash(order);
    else if (order.type === 'artifact.collect') artifacts.collect(order);
    else if (order.type === 'artifact.put') artifacts.put(order);
    else if (order.type === 'artifact.part-puts') artifacts.partPuts(order);
    else artifacts.acknowledged(order);
  }

  /** Loaded with the first order too: most jobs take nothing from others. */
  async function fetch(order: FetchOrder): Promise<void> {
    fetches ??= import('./fetch/index.ts').then(({ createFetches }) =>
      createFetches({ workspace: folders.workspace, transport, link }),
    );
    const known = await fetches;
    if (order.type === 'fetch.begin') known.begin(order);
    else if (order.type === 'fetch.files') known.files(order);
    else known.acknowledged(order);
  }
}
