import type { Clock } from '#controller/clock';
import type { Change, Journal, Tx } from '#controller/events';
import type { Logger } from '#controller/logger';
import {
  deleteSchedule,
  dueSchedules,
  findProject,
  listSchedules,
  moveSchedule,
  nextScheduleAt,
  type Project,
  type ScheduleRow,
  type Store,
} from '#controller/store';
import { nextRunOf } from './cron-entry.ts';

export interface Schedules {
  /** Starts what is due. Returns when the next one is. */
  run(signal: AbortSignal): Promise<number | null>;
  concerns(changes: readonly Change[]): boolean;
}

interface Deps {
  store: Store;
  journal: Journal;
  clock: Clock;
  logger: Logger;
  /** Starts the file's build, or sees to it that somebody will, as part of the transaction: both happen or neither. */
  start(tx: Tx, project: Project, schedule: ScheduleRow): Promise<void>;
}

/** What could not be started is tried again after this. */
const RETRY_MS = 30_000;
/** A last run that lies further ahead than this was made while the clock was wrong. */
const CLOCK_SLACK_MS = 3_600_000;

/**
 * Starts builds at their times. A run that was missed while no controller was there is made up for once, however many were missed. With
 * several controllers, one of them moves the next run and starts the build.
 */
export function createSchedules({ store, journal, clock, logger, start }: Deps): Schedules {
  /** Nothing was looked at yet, so the clock may have gone back since. */
  let looked = Infinity;

  return {
    async run(signal) {
      const now = clock.now();
      if (now < looked) await mendAfterSetback(now);
      looked = now;
      let failed = false;
      for (const row of await dueSchedules(store.db, now)) {
        if (signal.aborted) return null;
        failed = !(await tryStart(row)) || failed;
      }
      const next = await nextScheduleAt(store.db, now);
      return failed ? Math.min(now + RETRY_MS, next ?? Infinity) : next;
    },
    concerns: (changes) => changes.some(({ kind }) => kind === 'delivery' || kind === 'project'),
  };

  /** Each on its own, so that a project that can't be started keeps no other from its time. */
  async function tryStart(row: ScheduleRow): Promise<boolean> {
    try {
      await journal.commit((tx) => take(tx, row));
      return true;
    } catch (error) {
      const { id: schedule, project_id: project, file } = row;
      logger.error(
        { err: error, schedule, project, file },
        'a scheduled build could not be started; it is tried again',
      );
      return false;
    }
  }

  async function take(tx: Tx, row: ScheduleRow): Promise<void> {
    const project = await findProject(tx.db, row.project_id);
    if (project === undefined) return;
    const next = nextRunOf(row, project, tx.at);
    if (next === null) return deleteSchedule(tx.db, row.id);
    const mine = await moveSchedule(tx.db, row, { next_at: next, last_at: tx.at });
    if (mine) await start(tx, project, row);
  }

  /** A next run that was reckoned from a time that has not come would keep the schedule waiting until then. */
  async function mendAfterSetback(now: number): Promise<void> {
    for (const row of await listSchedules(store.db)) {
      const project = await findProject(store.db, row.project_id);
      if (row.next_at <= now || project === undefined) continue;
      const next = nextRunOf(row, project, lastRun(row, now));
      if (next !== null && next < row.next_at) await moveSchedule(store.db, row, { next_at: next });
    }
  }
}

/** A clock that went back a little must not run again what has just been run. */
function lastRun({ last_at: last }: ScheduleRow, now: number): number {
  return last === null || last > now + CLOCK_SLACK_MS ? now : Math.max(last, now);
}
