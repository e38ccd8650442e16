import { listJobs, type Db, type ListedJob } from '#controller/store';
import { jsonRoute, type Route } from '../http/route.ts';
import { requireProject } from '../projects/find.ts';
import { JobList, JobsQuery, type JobSummary } from './list-schema.ts';

export function listRoute(db: Db): Route {
  return jsonRoute({
    method: 'get',
    path: '/jobs',
    summary: 'Lists jobs of all builds, each attempt for itself, the newest first.',
    role: 'read',
    query: JobsQuery,
    answer: JobList,
    async handle({ query: { project, label: labels, node: nodeId, test: testName, ...filter } }) {
      const projectId = project === undefined ? undefined : (await requireProject(db, project)).id;
      const jobs = await listJobs(db, { ...filter, projectId, labels, nodeId, testName });
      const next = jobs.length === filter.limit ? (jobs.at(-1)?.id ?? null) : null;
      return { jobs: jobs.map(summarise), next };
    },
  });
}

function summarise(job: ListedJob): JobSummary {
  return {
    id: job.id,
    buildId: job.build_id,
    build: job.number,
    pipeline: job.pipeline,
    project: job.project,
    branch: job.trigger.branch ?? null,
    key: job.key,
    name: job.name,
    state: job.state,
    result: job.result,
    reason: job.reason,
    attempt: job.attempt,
    superseded: job.superseded !== 0,
    runsOn: job.runs_on,
    queuedAt: job.queued_at,
    startedAt: job.started_at,
    finishedAt: job.finished_at,
  };
}
