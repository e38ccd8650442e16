import type { Journal, Tx } from '#controller/events';
import {
  insertArtifacts,
  insertBuild,
  insertJobs,
  insertSteps,
  newId,
  type Build,
  type BuildSource,
  type NewJob,
} from '#controller/store';
import type { Job as JobSpec, Pipeline } from '#shared/pipeline';
import { advanceBuild } from './advance.ts';

export interface Submission {
  pipeline: Pipeline;
  /** The pipeline file's name, for people. */
  file: string;
  source: BuildSource | null;
}

export interface SubmitDefaults {
  /** How long a job may wait for a node when it doesn't say, in milliseconds. */
  queueTimeoutMs: number;
}

/** Puts the build, its jobs and their steps into the store, all at once, and queues the jobs that need no other. */
export async function submitBuild(
  journal: Journal,
  { pipeline, file, source }: Submission,
  defaults: SubmitDefaults,
): Promise<Build> {
  return journal.commit(async (tx) => {
    const build = await insertBuild(tx.db, {
      id: newId(),
      pipeline: pipeline.name,
      file,
      state: 'queued',
      result: null,
      reason: null,
      definition: pipeline,
      source,
      timeout_ms: pipeline.timeoutMs ?? null,
      cancel_requested_at: null,
      created_at: tx.at,
      started_at: null,
      finished_at: null,
    });
    await tx.record({
      kind: 'build',
      buildId: build.id,
      data: { id: build.id, state: 'queued', number: build.number, result: null, reason: null },
    });
    const jobs = pipeline.jobs.map((spec, position) => jobRow(tx, build.id, spec, position, defaults));
    await insertJobs(tx.db, jobs);
    for (const job of jobs) await insertParts(tx, job);
    await advanceBuild(tx, build.id);
    return build;
  });
}

function jobRow(tx: Tx, buildId: string, spec: JobSpec, position: number, defaults: SubmitDefaults): NewJob {
  return {
    id: newId(),
    build_id: buildId,
    key: spec.id,
    name: spec.name ?? spec.id,
    position,
    state: 'blocked',
    state_since: tx.at,
    result: null,
    reason: null,
    runs_on: spec.runsOn,
    needs: spec.needs,
    spec,
    attempt: 1,
    timeout_ms: spec.timeoutMs,
    queue_timeout_ms: spec.queueTimeoutMs ?? defaults.queueTimeoutMs,
    cancel_requested_at: null,
    queued_at: null,
    started_at: null,
    finished_at: null,
  };
}

async function insertParts(tx: Tx, job: NewJob): Promise<void> {
  const { spec } = job;
  await insertSteps(
    tx.db,
    spec.steps.map((step, position) => ({
      id: newId(),
      job_id: job.id,
      position,
      name: step.name,
      spec: step,
      state: 'pending' as const,
      result: null,
      exit_code: null,
      signal: null,
      message: null,
      outputs: null,
      log_bytes: 0,
      log_lines: 0,
      started_at: null,
      finished_at: null,
    })),
  );
  await insertArtifacts(
    tx.db,
    spec.artifacts.map((artifact, position) => ({
      id: newId(),
      job_id: job.id,
      position,
      name: artifact.name,
      state: 'pending' as const,
      reason: null,
      files: 0,
      bytes: 0,
      created_at: tx.at,
      finished_at: null,
    })),
  );
}
