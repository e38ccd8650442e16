import { deliveriesOfProject, listProjects } from '#controller/store';
import { callerOf } from '../auth/authenticate.ts';
import { BuildSummary } from '../builds/schema.ts';
import { summarise } from '../builds/view.ts';
import type { ApiDeps } from '../deps.ts';
import { disconnected } from '../http/disconnected.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { changeProject, dropProject } from './change.ts';
import { createProject } from './create.ts';
import { requireProject } from './find.ts';
import {
  DeliveryList,
  DeliveryQuery,
  NewProject,
  NewProjectBuild,
  Project,
  ProjectChange,
  ProjectList,
  ProjectParams,
} from './schema.ts';
import { viewDelivery, viewProject } from './view.ts';

export function projectRoutes(deps: ApiDeps): Route[] {
  const { store, startByHand } = deps;
  return [
    jsonRoute({
      method: 'post',
      path: '/projects',
      summary: 'Adds a project: a repository whose pipelines are built.',
      role: 'admin',
      body: NewProject,
      answer: Project,
      status: 201,
      handle: async ({ body }, response) =>
        viewProject(await createProject(deps, body, disconnected(response))),
    }),

    jsonRoute({
      method: 'get',
      path: '/projects',
      summary: 'Lists projects, by name.',
      role: 'read',
      answer: ProjectList,
      handle: async () => ({ projects: (await listProjects(store.db)).map(viewProject) }),
    }),

    jsonRoute({
      method: 'get',
      path: '/projects/{project}',
      summary: 'Shows a project.',
      role: 'read',
      params: ProjectParams,
      answer: Project,
      handle: async ({ params }) => viewProject(await requireProject(store.db, params.project)),
    }),

    jsonRoute({
      method: 'put',
      path: '/projects/{project}',
      summary: 'Changes what is named of a project; the rest stays as it is.',
      role: 'admin',
      params: ProjectParams,
      body: ProjectChange,
      answer: Project,
      handle: async ({ params, body }) => viewProject(await changeProject(deps, params.project, body)),
    }),

    jsonRoute({
      method: 'delete',
      path: '/projects/{project}',
      summary: 'Removes a project with its deliveries and schedules; its builds stay.',
      role: 'admin',
      params: ProjectParams,
      answer: Project,
      handle: async ({ params }) => viewProject(await dropProject(deps, params.project)),
    }),

    jsonRoute({
      method: 'post',
      path: '/projects/{project}/builds',
      summary: "Starts a build of one of the project's pipelines.",
      role: 'develop',
      params: ProjectParams,
      body: NewProjectBuild,
      answer: BuildSummary,
      status: 201,
      async handle({ params, body }, response) {
        const project = await requireProject(store.db, params.project);
        const actor = callerOf(response).subject;
        return summarise(await startByHand({ project, ...body, actor }, disconnected(response)));
      },
    }),

    jsonRoute({
      method: 'get',
      path: '/projects/{project}/deliveries',
      summary: 'Lists what webhooks, schedules and changes of the project came to, the newest first.',
      role: 'read',
      params: ProjectParams,
      query: DeliveryQuery,
      answer: DeliveryList,
      async handle({ params, query }) {
        const { id } = await requireProject(store.db, params.project);
        const deliveries = await deliveriesOfProject(store.db, id, query);
        const next = deliveries.length === query.limit ? (deliveries.at(-1)?.id ?? null) : null;
        return { deliveries: deliveries.map(viewDelivery), next };
      },
    }),
  ];
}
