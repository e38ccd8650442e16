import type { Tx } from '#controller/events';
import { deleteSchedule, insertSchedule, newId, schedulesOfProject, type Project } from '#controller/store';
import { nextRunOf, type ScheduleEntry } from './cron-entry.ts';

/**
 * Makes the schedules of a project equal to what the pipelines of its default branch say. One that was there already keeps its next run, so
 * that a push in the minute of a run does not swallow it. Doing it twice does nothing more.
 */
export async function syncSchedules(
  tx: Tx,
  project: Pick<Project, 'id' | 'name'>,
  entries: readonly ScheduleEntry[],
): Promise<void> {
  const present = await schedulesOfProject(tx.db, project.id);
  const wanted = new Map(entries.map((entry) => [keyOf(entry), entry]));
  for (const row of present) if (!wanted.has(keyOf(row))) await deleteSchedule(tx.db, row.id);
  const known = new Set(present.map(keyOf));
  for (const [key, { file, cron, timezone }] of wanted) {
    if (known.has(key)) continue;
    const next = nextRunOf({ file, cron, timezone }, project, tx.at);
    if (next === null) continue;
    const row = { id: newId(), project_id: project.id, file, cron, timezone, next_at: next, last_at: null };
    await insertSchedule(tx.db, row);
  }
}

function keyOf({ file, cron, timezone }: ScheduleEntry): string {
  return JSON.stringify([file, cron, timezone]);
}
