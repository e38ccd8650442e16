import type { ScheduleEntry } from '../cron-entry.ts';
import type { Candidate } from './candidates.ts';

/** When the pipelines want to be started by themselves. */
export function schedulesOf(candidates: readonly Candidate[]): ScheduleEntry[] {
  return candidates.flatMap(({ file, pipeline }) =>
    pipeline.on.schedule.map(({ cron, timezone }) => ({ file, cron, timezone })),
  );
}
