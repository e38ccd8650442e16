import type { Change } from '#controller/events';
import { buildsToReport, nextStatusDue, projectsWithDueStatuses } from '#controller/store';
import { createLanes } from './lanes.ts';
import { noteBuild } from './note-build.ts';
import { createReporter, type ReporterDeps } from './reporter.ts';

/**
 * Tells GitHub, GitLab and Gitea how the builds of their commits stand. What is to be told is in the store first, so that it outlives a
 * restart and a provider's bad day; of several states in a row, the newest is told.
 */
export interface Statuses {
  /** Notes what has changed and begins to tell it. Returns when it wants to look again. */
  run(signal: AbortSignal): Promise<number | null>;
  /** Takes note of changes; true when they are a reason to run. */
  observe(changes: readonly Change[]): boolean;
  /** Resolves when nobody is being told. */
  settled(): Promise<void>;
}

type Deps = Omit<ReporterDeps, 'timeoutMs' | 'random'> & Partial<ReporterDeps>;

const TIMEOUT_MS = 15_000;
const RECONCILE_MS = 60_000;
/** How far back builds are looked at that ended unnoticed: after a start, and later. */
const FIRST_LOOK_BACK_MS = 24 * 3_600_000;
const LOOK_BACK_MS = 10 * 60_000;

export function createStatuses({ timeoutMs = TIMEOUT_MS, random = Math.random, ...deps }: Deps): Statuses {
  const { store, clock, logger, signal } = deps;
  const lanes = createLanes({
    clock,
    logger,
    work: createReporter({ ...deps, timeoutMs, random }),
    signal,
  });
  const changed = new Set<string>();
  let reconciledAt: number | undefined;

  return {
    async run() {
      const now = clock.now();
      await reconcile(now);
      await noteChanged(now);
      for (const project of await projectsWithDueStatuses(store.db, now)) lanes.start(project);
      const due = await nextStatusDue(store.db, now);
      const look = (reconciledAt ?? now) + RECONCILE_MS;
      return due === null ? look : Math.min(due, look);
    },

    observe(changes) {
      for (const { kind, buildId } of changes) {
        if (kind === 'build' && typeof buildId === 'string') changed.add(buildId);
      }
      return changed.size > 0 || changes.some(({ kind }) => kind === 'delivery');
    },

    settled: () => lanes.settled(),
  };

  async function noteChanged(now: number): Promise<void> {
    for (const id of changed) {
      // First, so that a change that comes meanwhile counts.
      changed.delete(id);
      try {
        await noteBuild(store.db, id, now);
      } catch (error) {
        changed.add(id);
        throw error;
      }
    }
  }

  /** Events get lost with a controller, and those of other controllers don't come here. */
  async function reconcile(now: number): Promise<void> {
    if (reconciledAt !== undefined && now >= reconciledAt && now < reconciledAt + RECONCILE_MS) return;
    const lookBackMs = reconciledAt === undefined ? FIRST_LOOK_BACK_MS : LOOK_BACK_MS;
    for (const id of await buildsToReport(store.db, now - lookBackMs)) changed.add(id);
    reconciledAt = now;
  }
}
