import type { Project, ScheduleRow } from '#controller/store';
import { resolvedCron } from '#controller/triggers';
import type { Schedule } from './schema.ts';

export function viewSchedule(schedule: ScheduleRow, project: Pick<Project, 'name'>): Schedule {
  return {
    id: schedule.id,
    file: schedule.file,
    cron: schedule.cron,
    resolved: resolvedCron(schedule, project),
    timezone: schedule.timezone,
    nextAt: schedule.next_at,
    lastAt: schedule.last_at,
  };
}
