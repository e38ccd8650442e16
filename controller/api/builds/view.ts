import { jobsOfBuild, type Build as BuildRow, type Db } from '#controller/store';
import { viewJobs } from '../jobs/view.ts';
import type { Build, BuildSummary } from './schema.ts';

export function summarise(build: BuildRow): BuildSummary {
  const { source } = build;
  return {
    id: build.id,
    number: build.number,
    pipeline: build.pipeline,
    file: build.file,
    state: build.state,
    result: build.result,
    reason: build.reason,
    source:
      source === null
        ? null
        : { commit: source.commit, ref: source.ref, bytes: source.bytes, sha256: source.sha256 },
    projectId: build.project_id,
    trigger: build.trigger,
    parameters: build.parameters as BuildSummary['parameters'],
    trust: build.trust,
    concurrencyGroup: build.concurrency_group,
    rerunOf: build.rerun_of,
    cancelRequested: build.cancel_requested_at !== null,
    createdAt: build.created_at,
    startedAt: build.started_at,
    finishedAt: build.finished_at,
  };
}

/** The build with its jobs, their steps and their artifacts. */
export async function viewBuild(db: Db, build: BuildRow): Promise<Build> {
  return { ...summarise(build), jobs: await viewJobs(db, await jobsOfBuild(db, build.id)) };
}
