import { statusesOfProject, type CommitStatus as Row } from '#controller/store';
import type { ApiDeps } from '../deps.ts';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireProject } from '../projects/find.ts';
import { ProjectParams } from '../projects/schema.ts';
import { CommitStatusList, type CommitStatus } from './schema.ts';

const MOST_RECENT = 100;

export function statusRoutes({ store }: ApiDeps): Route[] {
  return [
    jsonRoute({
      method: 'get',
      path: '/projects/{project}/statuses',
      summary:
        'Lists what the provider was told of the newest builds, and what kept it from being told; at most 100.',
      role: 'read',
      params: ProjectParams,
      answer: CommitStatusList,
      async handle({ params }) {
        const { id } = await requireProject(store.db, params.project);
        return { statuses: (await statusesOfProject(store.db, id, MOST_RECENT)).map(viewStatus) };
      },
    }),
  ];
}

function viewStatus(row: Row): CommitStatus {
  return {
    sha: row.sha,
    context: row.context,
    buildId: row.build_id,
    state: row.wanted,
    description: row.description,
    told: row.told,
    failures: row.failures,
    problem: row.problem,
    nextTryAt: row.due_at,
  };
}
