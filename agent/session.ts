import type { ControllerMessageOf } from '#shared/protocol';
import type { Artifacts } from './artifacts/index.ts';
import type { Endpoint } from './http/index.ts';
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

type ArtifactOrder = ControllerMessageOf<'artifact.collect' | 'artifact.put' | 'artifact.ack'>;

/** Does what the controller says, over all connections of the lease. */
export function createSession({ folders, endpoint, link, libc, served }: Deps): LinkHandler {
  const steps = createSteps({ folders, endpoint, link, libc });
  let artifacts: Promise<Artifacts> | undefined;

  return {
    welcome(message) {
      steps.resume(message);
      steps.prepare();
    },
    lost: steps.paused,
    flushed: steps.flushed,
    message,
  };

  function message(order: Order): void {
    switch (order.type) {
      case 'step.start':
        return steps.start(order);
      case 'step.cancel':
        return steps.cancel(order);
      case 'step.ack':
        return steps.acknowledged(order);
      case 'log.ack':
        return steps.logAcknowledged(order);
      case 'artifact.collect':
      case 'artifact.put':
      case 'artifact.ack':
        return void handOn(order);
      case 'lease.end':
        return served();
    }
  }

  /** What artifacts need is loaded with the first one: it takes longer than all the rest. */
  async function handOn(order: ArtifactOrder): Promise<void> {
    artifacts ??= import('./artifacts/index.ts').then(({ createArtifacts }) =>
      createArtifacts({ workspace: folders.workspace, endpoint, link }),
    );
    const { collect, put, acknowledged } = await artifacts;
    if (order.type === 'artifact.collect') collect(order);
    else if (order.type === 'artifact.put') put(order);
    else acknowledged(order);
  }
}
