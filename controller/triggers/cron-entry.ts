import type { Project, ScheduleRow } from '#controller/store';
import { nextRun, resolveCron } from '#shared/cron';

/** A schedule as a pipeline's file says it. */
export type ScheduleEntry = Pick<ScheduleRow, 'file' | 'cron' | 'timezone'>;

/** The expression with a time of the project's own for each `H`, the same on all controllers. */
export function resolvedCron({ cron, file }: ScheduleEntry, project: Pick<Project, 'name'>): string {
  return resolveCron(cron, `${project.name}/${file}`);
}

/** When it runs next after a moment (milliseconds since the epoch); null is never. */
export function nextRunOf(
  entry: ScheduleEntry,
  project: Pick<Project, 'name'>,
  after: number,
): number | null {
  return nextRun(resolvedCron(entry, project), entry.timezone, after);
}
