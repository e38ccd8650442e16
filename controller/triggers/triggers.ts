import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import type { Logger } from '#controller/logger';
import type { Projects } from '#controller/projects';
import {
  findProject,
  nextDelivery,
  nextDeliveryDue,
  projectsWithDueDeliveries,
  type Delivery,
  type Project,
  type Store,
} from '#controller/store';
import type { Pipeline } from '#shared/pipeline';
import { conclude, type ReportBroken, type Submit } from './conclude.ts';
import { lookAt } from './look-at.ts';
import { postpone } from './postpone.ts';

export interface Triggers {
  /** Sees to it that somebody works on each project that has something due; does not wait for them. Returns when more is due. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
  /** Resolves when nobody works any more. */
  settled(): Promise<void>;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  projects: Projects;
  /** Puts a build into the store, as part of the transaction. */
  submit: Submit;
  /** @throws FootmanError for a pipeline that no template can run. */
  admit(pipeline: Pipeline): void;
  /** Notes that a pipeline of a commit should have been built and can't be, as part of the transaction that ends its delivery. */
  reportBroken?: ReportBroken;
  /** Ends what is under way; it is done again by whoever comes next. */
  signal: AbortSignal;
}

/** Projects whose git runs at a time. */
const MAX_WORKERS = 16;

/**
 * Received deliveries → builds. Each project has a worker that takes its deliveries one after the other, the oldest first; projects don't
 * wait for each other, however slow their repositories are. One that fails is put off, and overtaken meanwhile.
 */
export function createTriggers(deps: Deps): Triggers {
  const { store, journal, clock, logger, signal } = deps;
  const workers = new Map<string, Promise<void>>();
  /** Whether something came for a project while its worker was at it. */
  const again = new Set<string>();

  return {
    async run() {
      for (const id of await projectsWithDueDeliveries(store.db, clock.now())) start(id);
      return nextDeliveryDue(store.db, clock.now());
    },
    concerns: (changes) => changes.some(({ kind, data }) => kind === 'delivery' && data.state === 'received'),
    async settled() {
      while (workers.size > 0) await Promise.all(workers.values());
    },
  };

  function start(id: string): void {
    if (signal.aborted) return;
    if (workers.has(id) || workers.size >= MAX_WORKERS) {
      again.add(id);
      return;
    }
    again.delete(id);
    const worker = work(id).finally(() => {
      workers.delete(id);
      const waiting = new Set(again);
      for (const next of waiting) start(next);
    });
    workers.set(id, worker);
  }

  async function work(id: string): Promise<void> {
    try {
      while (!signal.aborted) {
        const delivery = await nextDelivery(store.db, id, clock.now());
        const project = delivery === undefined ? undefined : await findProject(store.db, id);
        if (delivery === undefined || project === undefined) return;
        await handle(project, delivery);
      }
    } catch (error) {
      // The store fails, or the controller stops. The loop comes back to it.
      if (!signal.aborted)
        logger.error({ err: error, project: id }, 'deliveries of a project wait for the next round');
    }
  }

  async function handle(project: Project, delivery: Delivery): Promise<void> {
    const { id, event } = delivery;
    try {
      await conclude(deps, project, delivery, await lookAt(deps, project, delivery, signal));
    } catch (error) {
      signal.throwIfAborted();
      logger.warn(
        { err: error, project: project.name, delivery: id, event },
        'a delivery could not be processed',
      );
      await postpone(journal, delivery, error);
    }
  }
}
