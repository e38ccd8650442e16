import type { CloudResource } from '#controller/clouds';
import type { Journal } from '#controller/events';
import { closeLeak, insertLeak, newId, openLeaks, type Leak, type Store } from '#controller/store';

/** Kind of what is no node's: an image that has no version. It is looked for on its own. */
export const IMAGE_LEAK = 'image';

/** What leaked, for people: each is noted once, and again when the cloud has confirmed that it is gone. */
export interface LeakBook {
  /** True when it was not noted before. */
  note(cloud: string, resource: Leaked, reason: string): Promise<boolean>;
  /** The cloud has confirmed that those of the resources are gone that fit. */
  gone(cloud: string, fits: (leak: Leak) => boolean): Promise<void>;
}

type Leaked = Pick<CloudResource, 'id' | 'nodeId' | 'kind'>;

export function createLeakBook({ store, journal }: { store: Store; journal: Journal }): LeakBook {
  return {
    note: (cloud, { id: resource, nodeId, kind }, reason) =>
      journal.commit(async (tx) => {
        const leak = { id: newId(), cloud, resource, node_id: nodeId, kind, reason, found_at: tx.at };
        if (!(await insertLeak(tx.db, leak))) return false;
        await tx.record({ kind: 'leak', nodeId: null, data: dataOf(leak, 'found') });
        return true;
      }),

    async gone(cloud, fits) {
      for (const leak of (await openLeaks(store.db, cloud)).filter(fits)) {
        await journal.commit(async (tx) => {
          const closed = await closeLeak(tx.db, leak.id, tx.at);
          if (closed !== undefined) await tx.record({ kind: 'leak', data: dataOf(closed, 'removed') });
        });
      }
    },
  };
}

function dataOf(leak: Omit<Leak, 'removed_at'>, state: 'found' | 'removed') {
  const { id, cloud, resource, node_id: node, kind, reason } = leak;
  return { id, state, cloud, resource, node, kind, reason };
}
