import type { ControllerMessageOf } from '#shared/protocol';
import type { Transport } from '../http/index.ts';
import type { Link } from '../link/index.ts';
import type { Folders } from '../system/index.ts';
import { createCollection, type Collection } from './collection.ts';

/** The artifacts that the controller has ordered and not yet acknowledged. */
export interface Artifacts {
  /** Begins to collect; the same order again begins again (the protocol's `artifact.collect` tells why). */
  collect(order: ControllerMessageOf<'artifact.collect'>): void;
  put(message: ControllerMessageOf<'artifact.put'>): void;
  partPuts(message: ControllerMessageOf<'artifact.part-puts'>): void;
  acknowledged(message: ControllerMessageOf<'artifact.ack'>): void;
}

interface Deps {
  folders: Pick<Folders, 'workspace' | 'uploads' | 'spool'>;
  transport: Transport;
  link: Pick<Link, 'send'>;
}

export function createArtifacts({ folders, transport, link }: Deps): Artifacts {
  const collections = new Map<string, Collection>();

  return {
    collect(order) {
      const { spool } = folders;
      const collection =
        collections.get(order.artifact) ??
        createCollection({ order, root: folders[order.root], spool, transport, link });
      collections.set(order.artifact, collection);
      collection.restart();
    },
    put: (message) => collections.get(message.artifact)?.put(message),
    partPuts: (message) => collections.get(message.artifact)?.partPuts(message),
    acknowledged({ artifact }) {
      collections.get(artifact)?.stop();
      collections.delete(artifact);
    },
  };
}
