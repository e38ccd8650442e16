import type { Generated, Insertable, Selectable } from 'kysely';
import type { ArtifactFile, Facts } from '#shared/protocol';
import type { Value } from '#shared/expressions';
import type { Env, Job as JobSpec, Pipeline, PostCondition, Step as StepSpec } from '#shared/pipeline';
import type { Json } from './schema-json.ts';
import type {
  CacheTable,
  CommitStatusTable,
  DeliveryTable,
  ProjectTable,
  ScheduleTable,
  SecretTable,
} from './schema-projects.ts';

/**
 * The tables. Times are milliseconds since the epoch; `Json<T>` is text in the database and a value here.
 *
 * A build is one execution of a pipeline; its jobs wait for each other by `needs`. A job asks for nodes by a node request and gets a
 * lease, which names the nodes that are its own from then on. A node row has one lease ever (I1): `lease_nodes.node_id` is unique.
 */
export interface Database {
  meta: MetaTable;
  counters: CounterTable;
  builds: BuildTable;
  jobs: JobTable;
  steps: StepTable;
  leases: LeaseTable;
  lease_nodes: LeaseNodeTable;
  node_requests: NodeRequestTable;
  nodes: NodeTable;
  artifacts: ArtifactTable;
  artifact_files: ArtifactFileTable;
  events: EventTable;
  loop_leases: LoopLeaseTable;
  concurrency_groups: ConcurrencyGroupTable;
  projects: ProjectTable;
  secrets: SecretTable;
  deliveries: DeliveryTable;
  schedules: ScheduleTable;
  commit_statuses: CommitStatusTable;
  caches: CacheTable;
}

export type BuildState = 'queued' | 'running' | 'finished';
export type JobState = 'blocked' | 'queued' | 'leased' | 'running' | 'finished';
export type Result = 'success' | 'failure' | 'errored' | 'timed-out' | 'cancelled' | 'skipped';
export type StepState = 'pending' | 'running' | 'finished';
export type LeaseState = 'active' | 'ended';
export type RequestState = 'requested' | 'pending' | 'fulfilled' | 'failed' | 'withdrawn';
export type NodeState =
  | 'planned'
  | 'launching'
  | 'connecting'
  | 'checking'
  | 'ready'
  | 'leased'
  | 'held'
  | 'failed'
  | 'deleting'
  | 'deleted';
export type ArtifactState = 'pending' | 'collecting' | 'complete' | 'failed' | 'empty';

interface MetaTable {
  key: string;
  value: string;
}

/** Numbers that are given out once, in order and without gaps: a row lock until commit makes them so. */
interface CounterTable {
  name: 'build';
  last: number;
}

interface BuildTable {
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
  event: 'manual' | 'push' | 'pull-request' | 'schedule';
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

/** One attempt at a job, or at one cell of its matrix. A retry is a row of its own. */
interface JobTable {
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
  /** Place in the queue, smaller is sooner: `queued_at` less a minute for each point of priority, so that waiting weighs as much. */
  rank: number | null;
  /** 1 when its failure is not the build's. */
  continue_on_error: number;
  concurrency_group: string | null;
  concurrency_limit: number | null;
  /** The job of another build whose result this is. */
  reused_from: string | null;
  timeout_ms: number;
  queue_timeout_ms: number;
  cancel_requested_at: number | null;
  queued_at: number | null;
  started_at: number | null;
  finished_at: number | null;
}

/** What of a job's spec was evaluated. */
export interface ResolvedJob {
  env: Env;
}

/** When a step runs: with the job's own, to save a cache after they succeeded, or as a post step, in this order. */
export type StepPhase = 'main' | 'save' | PostCondition;

interface StepTable {
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
  started_at: number | null;
  finished_at: number | null;
}

interface LeaseTable {
  id: string;
  job_id: string;
  /** Fences off stale agents: a result counts only from the job's newest epoch. */
  epoch: number;
  state: LeaseState;
  created_at: number;
  ended_at: number | null;
}

interface LeaseNodeTable {
  lease_id: string;
  node_id: string;
  /** Which of the job's nodes this is; `main` where the job has only one. */
  role: string;
}

interface NodeRequestTable {
  id: string;
  /** The job that asks, or null for a template's `min-ready`. */
  job_id: string | null;
  role: string;
  runs_on: string;
  state: RequestState;
  state_since: number;
  /** Why each candidate said no, newest last. */
  declines: Json<Decline[]>;
  reason: string | null;
  created_at: number;
}

/** One candidate's no. `final` ones are never asked again for this request; the others at `retryAt`, by themselves. */
export interface Decline {
  cloud: string;
  template: string;
  reason: string;
  final: boolean;
  at: number;
}

interface NodeTable {
  id: string;
  cloud: string;
  template: string;
  /** The request that it was planned for; any job that it fits may get it. */
  request_id: string | null;
  labels: Json<string[]>;
  state: NodeState;
  state_since: number;
  reason: string | null;
  /** The cloud's own handle of the resource, once it told one. */
  resource: string | null;
  facts: Json<Facts> | null;
  /** When the bootstrap token was used; it is void from then on. */
  bootstrap_used_at: number | null;
  /** Raised by every connection: a token with a smaller number is stale. */
  session_epoch: number;
  /** Since when the agent has no connection; null while it has one. */
  disconnected_at: number | null;
  /** Removal attempts that failed so far, and when the next is due. */
  removal_failures: number;
  removal_due_at: number | null;
  created_at: number;
  launched_at: number | null;
  connected_at: number | null;
  ready_at: number | null;
  leased_at: number | null;
  deleted_at: number | null;
}

interface ArtifactTable {
  id: string;
  job_id: string;
  position: number;
  name: string;
  state: ArtifactState;
  /** Why it failed, or why it is empty. */
  reason: string | null;
  files: number;
  bytes: number;
  created_at: number;
  finished_at: number | null;
}

interface ArtifactFileTable extends Pick<ArtifactFile, 'path' | 'bytes' | 'sha256' | 'mode'> {
  artifact_id: string;
  blob: string;
}

interface EventTable {
  /** Order of commitment: a reader that has seen N will never be shown a smaller one later. */
  seq: Generated<number>;
  at: number;
  kind: EventKind;
  build_id: string | null;
  job_id: string | null;
  node_id: string | null;
  data: Json<Record<string, unknown>>;
}

export type EventKind = 'build' | 'job' | 'step' | 'node' | 'request' | 'artifact' | 'project' | 'delivery';

interface LoopLeaseTable {
  loop: string;
  holder: string;
  expires_at: number;
}

/** A row to lock while somebody decides who of a group may run. */
interface ConcurrencyGroupTable {
  name: string;
  touched_at: number;
}

export type Build = Selectable<BuildTable>;
export type Job = Selectable<JobTable>;
export type Step = Selectable<StepTable>;
export type Lease = Selectable<LeaseTable>;
export type NodeRequest = Selectable<NodeRequestTable>;
export type Node = Selectable<NodeTable>;
export type Artifact = Selectable<ArtifactTable>;
export type StoredFile = Selectable<ArtifactFileTable>;
export type Event = Selectable<EventTable>;
export type Project = Selectable<ProjectTable>;
export type Secret = Selectable<SecretTable>;
export type Delivery = Selectable<DeliveryTable>;
export type ScheduleRow = Selectable<ScheduleTable>;
export type CommitStatus = Selectable<CommitStatusTable>;
export type NewCommitStatus = Insertable<CommitStatusTable>;
export type NewSchedule = Insertable<ScheduleTable>;
export type CacheEntry = Selectable<CacheTable>;
export type NewBuild = Insertable<BuildTable>;
export type NewJob = Insertable<JobTable>;
export type NewStep = Insertable<StepTable>;
export type NewLease = Insertable<LeaseTable>;
export type NewLeaseNode = Omit<Insertable<LeaseNodeTable>, 'lease_id'>;
export type NewNode = Insertable<NodeTable>;
export type NewNodeRequest = Insertable<NodeRequestTable>;
export type NewStoredFile = Insertable<ArtifactFileTable>;
export type NewArtifact = Insertable<ArtifactTable>;
export type NewEvent = Insertable<EventTable>;
export type NewProject = Insertable<ProjectTable>;
export type NewDelivery = Insertable<DeliveryTable>;
export type NewSecret = Insertable<SecretTable>;
export type { CommitState, DeliveryState, Provider, SecretScope } from './schema-projects.ts';
export type { Json } from './schema-json.ts';
