import type { Clock } from '#controller/clock';
import type { Change } from '#controller/events';
import { firstUnarchived, unarchivedLogs, type UnarchivedLog } from '#controller/store';
import { mapConcurrently } from '#shared/concurrently';
import { FootmanError } from '#shared/errors';
import { archiveLog, type ArchiveDeps } from './archive-log.ts';
import { clearLeftovers } from './clear-leftovers.ts';

/** Takes logs from the disk to the storage, some time after their jobs have ended. */
export interface LogArchiver {
  /** One pass. Returns when the next log may be due. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
}

interface Deps extends ArchiveDeps {
  clock: Clock;
  /** `archiveAfter` is in milliseconds, from the end of the job. */
  settings(): { archiveAfter: number };
}

const BATCH = 100;
/** Logs that are compressed and stored at a time. */
const AT_A_TIME = 4;

export function createLogArchiver(deps: Deps): LogArchiver {
  const { store, clock, logger, settings } = deps;
  let isClear = false;
  let failedAt: UnarchivedLog | undefined;

  return {
    async run(signal) {
      if (!isClear) await clearLeftovers(deps, signal);
      isClear = true;
      const before = clock.now() - settings().archiveAfter;
      // Behind those that the storage did not take the last time: they must not stand in the way of all others.
      const start = failedAt;
      failedAt = undefined;
      const isDone =
        (start === undefined || (await archiveFrom(start, before, signal))) &&
        (await archiveFrom(undefined, before, signal));
      return isDone ? due() : null;
    },
    concerns: (changes) =>
      changes.some(
        ({ kind, data: { state } }) =>
          kind === 'configuration' ||
          (kind === 'job' && state === 'finished' && settings().archiveAfter === 0),
      ),
  };

  async function due(): Promise<number | null> {
    const first = await firstUnarchived(store.db);
    const at = first === null ? null : first + settings().archiveAfter;
    // A step that ended long ago, of a job that runs: its end will tell.
    return at === null || at <= clock.now() ? null : at;
  }

  /** False where the storage does not answer: the rest has to wait. */
  async function archiveFrom(
    start: UnarchivedLog | undefined,
    before: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    for (let after = start; ;) {
      const batch = await unarchivedLogs(store.db, { before, limit: BATCH, after });
      if (!(await archiveAll(batch, signal))) {
        failedAt = batch.at(-1);
        return false;
      }
      if (batch.length < BATCH) return true;
      after = batch.at(-1);
    }
  }

  async function archiveAll(batch: readonly UnarchivedLog[], signal: AbortSignal): Promise<boolean> {
    let isAway = false;
    await mapConcurrently(batch, AT_A_TIME, async (log) => {
      signal.throwIfAborted();
      if (isAway) return;
      try {
        const bytes = await archiveLog(deps, log, signal);
        logger.debug({ ...nameOf(log), bytes }, 'a log went to the storage');
      } catch (error) {
        if (signal.aborted) throw error;
        isAway ||= isUnavailable(error);
        // Its files may be what is left, unless it was the storage that would not: then they are all that there is.
        isClear &&= error instanceof FootmanError;
        logger.warn({ err: error, ...nameOf(log) }, 'a log stays on the disk; it is tried again');
      }
    });
    return !isAway;
  }
}

function nameOf({ build, job, step }: UnarchivedLog): { build: string; job: string; step: string } {
  return { build, job, step };
}

function isUnavailable(error: unknown): boolean {
  return error instanceof FootmanError && error.code === 'storage-unavailable';
}
