import { schedulesOfProject } from '#controller/store';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireProject } from '../projects/find.ts';
import { ProjectParams } from '../projects/schema.ts';
import { ScheduleList } from './schema.ts';
import { viewSchedule } from './view.ts';

export function scheduleRoutes({ store }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/projects/{project}/schedules',
      summary: 'Lists when the pipelines of the default branch start by themselves.',
      role: 'read',
      params: ProjectParams,
      answer: ScheduleList,
      async handle({ params }) {
        const project = await requireProject(store.db, params.project);
        const schedules = await schedulesOfProject(store.db, project.id);
        return { schedules: schedules.map((schedule) => viewSchedule(schedule, project)) };
      },
    }),
  ];
}
