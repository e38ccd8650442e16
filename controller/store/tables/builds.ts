import type { Generated } from 'kysely';
import type { Value } from '#shared/expressions';
import type { Env, Job as JobSpec, Pipeline, PostCondition, Step as StepSpec } from '#shared/pipeline';
import type { HoldWish } from './holds.ts';
import type { Json } from './json.ts';
import type { WantedImages } from './nodes.ts';

/** Builds, their jobs, and the steps of those. */

export type BuildState = 'queued' | 'running' | 'finished';
export type JobState = 'blocked' | 'queued' | 'leased' | 'running' | 'finished';
export type Result = 'success' | 'failure' | 'errored' | 'timed-out' | 'cancelled' | 'skipped';
export type StepState = 'pending' | 'running' | 'finished';

export interface BuildTable {
  id: string;
  /** 1, 2, 3…: what people call the build. */
  number: number;
  pipeline: string;
  file: string;
  state: BuildState;
  result: Result | null;
  reason: string | null;
  definition: Json<Pipeline>;
  /** What `checkout` without a repository checks out. */
  source: Json<BuildSource> | null;
  /** Null for a build that somebody sent with its pipeline. */
  project_id: string | null;
  trigger: Json<Trigger>;
  /** Every parameter of the pipeline, checked. */
  parameters: Json<Record<string, Value>>;
  /** `fork`: what runs is not from the project's own people. It gets no secret, and saves no cache that others restore. */
  trust: Trust;
  /** The pipeline's `env`, evaluated. */
  env: Json<Env>;
  concurrency_group: string | null;
  concurrency_limit: number | null;
  /** When it got its place in its concurrency group; null while it waits for one. At once where it has no group. */
  admitted_at: number | null;
  /** The build that this one repeats. */
  rerun_of: string | null;
  timeout_ms: number | null;
  cancel_requested_at: number | null;
  /** Who wants it kept, since when and why; null for one that goes when its time is up. */
  pinned_by: string | null;
  pinned_at: number | null;
  pin_reason: string | null;
  /** Since when it is being removed: nobody finds it any more. */
  deleting_at: number | null;
  /** Its source's, to be found by. */
  source_blob: string | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
}

/** A git bundle in the blob store, and the commit in it that the build is of. */
export interface BuildSource {
  blob: string;
  bytes: number;
  sha256: string;
  commit: string;
  ref: string | null;
}

export type Trust = 'trusted' | 'fork';

/** What started a build, as expressions see it under `build`. Texts come from strangers: a branch may be called `$(reboot)`. */
export interface Trigger {
  /** `preparation`: a job of another build wants an image to start from. `resume`: somebody starts the captured machine of a hold. */
  event: 'manual' | 'push' | 'pull-request' | 'schedule' | 'preparation' | 'resume';
  branch?: string;
  tag?: string;
  /** First line of the commit's message. */
  title?: string;
  author?: string;
  /** Who started it. */
  actor?: string;
  pullRequest?: PullRequest;
}

export interface PullRequest {
  number: number;
  title: string;
  author: string;
  /** Branch that it comes from, and the one that it is to be merged into. */
  branch: string;
  base: string;
  /** Whether it comes from another repository. */
  fork: boolean;
}

/**
 * `verify`: its node is made from a version that may be promoted when it ends well. `resume`: it brings the captured machine of a hold, and
 * ends as soon as that is there.
 */
export type JobPurpose = 'job' | 'verify' | 'resume';

/** One attempt at a job, or at one cell of its matrix. A retry is a row of its own. */
export interface JobTable {
  id: string;
  build_id: string;
  /** What people call it: the id under `jobs:`, and the cell's values where it has a matrix. Unique within the build, attempts aside. */
  key: string;
  /** The id under `jobs:`: what `needs` names. */
  base: string;
  /** Values of the cell; null without a matrix, or while the matrix waits for what it needs. */
  matrix: Json<Record<string, Value>> | null;
  name: string;
  position: number;
  state: JobState;
  /** When it entered the state: each state's timeout counts from here. */
  state_since: number;
  result: Result | null;
  reason: string | null;
  /** Label expression; empty until it is evaluated, where it is a template. */
  runs_on: string;
  /** Ids (`base`) of the jobs that must have ended. */
  needs: Json<string[]>;
  spec: Json<JobSpec>;
  /** The job's templates as they were evaluated when it left `blocked`; null before. */
  resolved: Json<ResolvedJob> | null;
  /** Its declared outputs, once it has ended; never a secret. */
  outputs: Json<Record<string, string>> | null;
  /** Counts from 1; a lease's epoch is the attempt that it serves. */
  attempt: number;
  /** 1 when a later attempt has taken its place: then its result counts for nothing. */
  superseded: number;
  /** When a retry that was delayed may be queued. */
  not_before: number | null;
  /** 0 to 100. */
  priority: number;
  /** Place in the queue, smaller is sooner: `queued_at` less six minutes for each point of priority, so that waiting weighs as much. */
  rank: number | null;
  /** 1 when its failure is not the build's. */
  continue_on_error: number;
  concurrency_group: string | null;
  concurrency_limit: number | null;
  /** The job of another build whose result this is. */
  reused_from: string | null;
  purpose: Generated<JobPurpose>;
  /** What its nodes are to be made from; null is any template whose labels fit, with the image that it says itself. */
  images: Json<WantedImages> | null;
  /** How the job comes to its prepared image; null where it wants none, or has not left `blocked`. */
  preparation: Json<Preparation> | null;
  /** 1 while that is to be decided: then it stays `blocked`. */
  preparing: Generated<number>;
  /** That its node is to be held when it has ended; of this attempt alone. */
  hold: Json<HoldWish> | null;
  timeout_ms: number;
  queue_timeout_ms: number;
  cancel_requested_at: number | null;
  queued_at: number | null;
  started_at: number | null;
  finished_at: number | null;
}

/**
 * `wanted`: nobody has looked for it yet; `waiting`: one of `streams` is being made, by a build of its own; `prepared`: its nodes are made
 * from it (`images`); `uncached`: the job runs the steps itself.
 */
export interface Preparation {
  state: 'wanted' | 'waiting' | 'prepared' | 'uncached';
  /** As a sentence without its subject; null where there is nothing to say. */
  reason: string | null;
  /** What it waits for, or has. */
  streams: PreparedStream[];
}

/** A stream of prepared images that may serve the job. */
export interface PreparedStream {
  name: string;
  cloud: string;
  template: string;
}

/** What of a job's spec was evaluated. */
export interface ResolvedJob {
  env: Env;
}

/**
 * When a step runs: to prepare the node where its image does not have that already, with the job's own, to save a cache after they succeeded,
 * as a post step, or to store what the job leaves, in this order.
 */
export type StepPhase = 'prepare' | 'main' | 'save' | PostCondition | 'collect';

export interface StepTable {
  id: string;
  job_id: string;
  position: number;
  phase: StepPhase;
  name: string;
  spec: Json<StepSpec>;
  state: StepState;
  result: Result | null;
  exit_code: number | null;
  signal: string | null;
  message: string | null;
  /** 1 when its failure is not the job's. */
  continue_on_error: number;
  /** What `hashFiles` told when it started, by its globs; null where it was not asked. */
  hashes: Json<Record<string, string>> | null;
  outputs: Json<Record<string, string>> | null;
  log_bytes: number;
  log_lines: number;
  /** What its log and the index of that take in the storage; 0 where nothing was written, null while they are on the controller's disk. */
  archived_bytes: Generated<number | null>;
  started_at: number | null;
  finished_at: number | null;
}

/** A row to lock while somebody decides who of a group may run. */
export interface ConcurrencyGroupTable {
  name: string;
  touched_at: number;
}
