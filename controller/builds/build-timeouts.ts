import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import { jobsOfBuild, timedBuilds, type Build, type Store, type TimedBuild } from '#controller/store';
import { formatDuration } from '#shared/quantity';
import { advanceBuild } from './advance.ts';
import { endJob } from './finish-job.ts';

export interface BuildTimeouts {
  /** Ends what waits in builds whose time is up. Returns when the next one's will be. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
}

/** When the build's time is up, waiting included, in milliseconds since the epoch; null where it has no limit. */
export function buildDeadline({
  created_at: createdAt,
  timeout_ms: timeoutMs,
}: Pick<Build, 'created_at' | 'timeout_ms'>): number | null {
  return timeoutMs === null ? null : createdAt + timeoutMs;
}

/** Why a job ends when its build's time is up. */
export function buildTimeoutReason(timeoutMs: number): string {
  return `the build took longer than ${formatDuration(timeoutMs)}`;
}

/**
 * A build's own time limit, for its jobs that have no node. Those that run are ended by whoever drives them, at the same moment, so that
 * their steps get their grace and their artifacts are kept.
 */
export function createBuildTimeouts({ store, journal, clock }: Deps): BuildTimeouts {
  return {
    async run(signal) {
      let due: number | null = null;
      for (const build of await timedBuilds(store.db)) {
        if (signal.aborted) return null;
        const at = build.created_at + build.timeout_ms;
        if (at > clock.now()) due = Math.min(due ?? at, at);
        else await endWaiting(build);
      }
      return due;
    },
    concerns: (changes) => changes.some(({ kind, data }) => kind === 'build' && data.state === 'queued'),
  };

  async function endWaiting({ id, timeout_ms: timeoutMs }: TimedBuild): Promise<void> {
    const reason = buildTimeoutReason(timeoutMs);
    await journal.commit(async (tx) => {
      for (const job of await jobsOfBuild(tx.db, id))
        await endJob(tx, job.id, { result: 'timed-out', reason, from: ['blocked', 'queued'] });
      await advanceBuild(tx, id);
    });
  }
}
