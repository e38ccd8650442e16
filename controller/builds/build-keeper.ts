import type { Clock } from '#controller/clock';
import type { Change, Journal } from '#controller/events';
import {
  buildsInGroup,
  delayedJobs,
  jobsInGroup,
  lockBuild,
  outlinesOfBuild,
  timedBuilds,
  waitingGroups,
  waitingJobGroups,
  type Store,
  type TimedBuild,
} from '#controller/store';
import { advanceBuild } from './advance.ts';
import { buildTimeoutReason } from './build-deadline.ts';
import { closeJob } from './close-job.ts';
import { buildHasPlace, jobHasPlace } from './places.ts';

/** Moves builds on that wait for a time or for each other. */
export interface BuildKeeper {
  /** Returns when the next time limit or retry is due. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
}

/**
 * What no event of a build's own brings about: its time limit, a retry that was delayed, and a place in a concurrency group that another
 * build has left. A time limit ends the jobs without a node; those that run are ended by whoever drives them, at the same moment, so that
 * their steps get their grace and their artifacts are kept.
 */
export function createBuildKeeper({ store, journal, clock }: Deps): BuildKeeper {
  /** Whether a build or a job waits for a place in its group; until the first pass nobody knows. */
  let anyWaits = true;

  return {
    async run(signal) {
      const deadline = await endOverdue(signal);
      const retry = await beginRetries(signal);
      await fillGroups(signal);
      return earlier(deadline, retry);
    },
    concerns: (changes) =>
      changes.some(
        ({ kind, data }) =>
          (kind === 'build' && (data.state === 'queued' || (data.state === 'finished' && anyWaits))) ||
          (kind === 'job' && (data['notBefore'] !== undefined || data['grouped'] === true)),
      ),
  };

  async function endOverdue(signal: AbortSignal): Promise<number | null> {
    let due: number | null = null;
    for (const build of await timedBuilds(store.db)) {
      if (signal.aborted) return null;
      const at = build.created_at + build.timeout_ms;
      if (at > clock.now()) due = earlier(due, at);
      else await endWaiting(build);
    }
    return due;
  }

  async function endWaiting({ id, timeout_ms: timeoutMs }: TimedBuild): Promise<void> {
    const reason = buildTimeoutReason(timeoutMs);
    await journal.commit(async (tx) => {
      await lockBuild(tx.db, id);
      for (const { id: job, state } of await outlinesOfBuild(tx.db, id))
        if (state === 'blocked' || state === 'queued')
          await closeJob(tx, job, { result: 'timed-out', reason, from: ['blocked', 'queued'] });
      await advanceBuild(tx, id);
    });
  }

  async function beginRetries(signal: AbortSignal): Promise<number | null> {
    for (const { build_id: id, not_before: at } of await delayedJobs(store.db)) {
      if (signal.aborted) return null;
      if (at > clock.now()) return at;
      await journal.commit((tx) => advanceBuild(tx, id));
    }
    return null;
  }

  async function fillGroups(signal: AbortSignal): Promise<void> {
    for (const id of await buildsWithPlaces()) {
      if (signal.aborted) return;
      await journal.commit((tx) => advanceBuild(tx, id));
    }
  }

  /** Builds for which, or for a job of which, there is a place now; all others that wait cost nothing more. */
  async function buildsWithPlaces(): Promise<Set<string>> {
    const found = new Set<string>();
    // Known before a group is looked at: from here on the end of a build is a reason to look again.
    const [groups, jobGroups] = [await waitingGroups(store.db), await waitingJobGroups(store.db)];
    anyWaits = groups.length > 0 || jobGroups.length > 0;
    for (const { concurrency_group: name } of groups) {
      const group = await buildsInGroup(store.db, name);
      for (const build of group)
        if (build.admitted_at === null && buildHasPlace(build, group)) found.add(build.id);
    }
    for (const { concurrency_group: name } of jobGroups) {
      const group = await jobsInGroup(store.db, name);
      for (const job of group)
        if (job.state === 'blocked' && jobHasPlace(job, group)) found.add(job.build_id);
    }
    return found;
  }
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
