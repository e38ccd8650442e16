import type {
  BuildSummary,
  CommitStatusList,
  DeliveryList,
  NewProject,
  NewProjectBuild,
  Project,
  ProjectChange,
  ProjectList,
  ScheduleList,
} from '#controller/api';
import type { Call } from './transport.ts';

/** The part of the API that knows projects. */
export interface ProjectsClient {
  add(project: NewProject): Promise<Project>;
  list(): Promise<ProjectList>;
  show(name: string): Promise<Project>;
  change(name: string, change: ProjectChange): Promise<Project>;
  remove(name: string): Promise<Project>;
  build(name: string, build: NewProjectBuild): Promise<BuildSummary>;
  deliveries(name: string, limit: number): Promise<DeliveryList>;
  schedules(name: string): Promise<ScheduleList>;
  /** Of the newest builds. */
  statuses(name: string): Promise<CommitStatusList>;
}

export function createProjectsClient(read: <T>(call: Call) => Promise<T>): ProjectsClient {
  return {
    add: (project) => read({ method: 'POST', path: '/projects', json: project }),
    list: () => read({ path: '/projects' }),
    show: (name) => read({ path: pathOf(name) }),
    change: (name, change) => read({ method: 'PUT', path: pathOf(name), json: change }),
    remove: (name) => read({ method: 'DELETE', path: pathOf(name) }),
    build: (name, build) => read({ method: 'POST', path: `${pathOf(name)}/builds`, json: build }),
    deliveries: (name, limit) => read({ path: `${pathOf(name)}/deliveries?limit=${limit}` }),
    schedules: (name) => read({ path: `${pathOf(name)}/schedules` }),
    statuses: (name) => read({ path: `${pathOf(name)}/statuses` }),
  };
}

function pathOf(name: string): string {
  return `/projects/${encodeURIComponent(name)}`;
}
