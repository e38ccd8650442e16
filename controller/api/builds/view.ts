import { jobsOfBuild, type Build as BuildRow, type Db } from '#controller/store';
import { countTests } from '#shared/test-counts';
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
    pinned: pinOf(build),
    createdAt: build.created_at,
    startedAt: build.started_at,
    finishedAt: build.finished_at,
  };
}

/** The build with its jobs, their steps, artifacts and tests. */
export async function viewBuild(db: Db, build: BuildRow): Promise<Build> {
  const jobs = await viewJobs(db, await jobsOfBuild(db, build.id));
  const counts = jobs.flatMap(({ superseded, tests }) => (superseded || tests === null ? [] : [tests]));
  return { ...summarise(build), jobs, tests: counts.length === 0 ? null : countTests(counts) };
}

function pinOf({ pinned_by: by, pinned_at: at, pin_reason: reason }: BuildRow): BuildSummary['pinned'] {
  return by === null || at === null ? null : { by, at, reason };
}
