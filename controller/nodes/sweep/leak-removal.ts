import type { Clock } from '#controller/clock';
import type { Cloud } from '#controller/clouds';
import type { Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import type { Store } from '#controller/store';
import { limited } from '../limited.ts';
import { createTurns } from '../turns.ts';
import { createLeakBook, IMAGE_LEAK } from './leak-book.ts';
import type { View } from './look.ts';

export interface LeakRemoval {
  /** Notes and removes what leaked; what is not removed is tried again after the next look. */
  act(name: string, cloud: Cloud, view: View, signal: AbortSignal): Promise<void>;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
}

const REMOVAL_LIMIT_MS = 60_000;
const REMOVALS_AT_ONCE = 8;

export function createLeakRemoval({ store, journal, clock, logger }: Deps): LeakRemoval {
  const turns = createTurns(clock, () => REMOVALS_AT_ONCE);
  const book = createLeakBook({ store, journal });

  return {
    async act(name, cloud, view, signal) {
      const present = new Set(view.resources.map(({ resource }) => resource.id));
      await book.gone(name, (leak) => leak.kind !== IMAGE_LEAK && !present.has(leak.resource));
      const leaked = view.resources.filter(({ verdict }) => verdict === 'removed');
      // All that a node has goes together, be a part of it younger than the rest.
      const nodes = new Set(leaked.map(({ resource }) => resource.nodeId));
      for (const { resource, verdict, reason } of view.resources) {
        if (!nodes.has(resource.nodeId)) continue;
        const why = verdict === 'removed' ? reason : 'it goes with what else its node left';
        if (!(await book.note(name, resource, why))) continue;
        const { id, kind, nodeId: node } = resource;
        logger.warn(
          { cloud: name, resource: id, kind, node },
          'a resource has no living node; it is removed',
        );
      }
      await Promise.all([...nodes].map((id) => remove(name, cloud, id, signal)));
    },
  };

  async function remove(name: string, cloud: Cloud, node: string, signal: AbortSignal): Promise<void> {
    try {
      await turns.take(name, () =>
        limited(clock, REMOVAL_LIMIT_MS, signal, (bounded) =>
          cloud.remove({ id: node, resource: null }, bounded),
        ),
      );
    } catch (error) {
      if (signal.aborted) return;
      logger.warn(
        { err: error, cloud: name, node },
        'what leaked was not removed; the next sweep tries again',
      );
      return;
    }
    await book.gone(name, (leak) => leak.node_id === node);
  }
}
