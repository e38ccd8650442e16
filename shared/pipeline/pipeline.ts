import type { Value } from '#shared/expressions';

/**
 * A pipeline that was read and checked, with every default filled in. It is plain data: it may be stored as JSON.
 *
 * A `Template` may hold `${{ }}`; it is evaluated once, when its job or its step starts, and what comes out is never read as a template
 * again. Anything else is final.
 */
export interface Pipeline {
  name: string;
  on: Triggers;
  env: Env;
  /** For the whole build, in milliseconds, waiting included; without it, only the jobs' own timeouts count. */
  timeoutMs?: number;
  concurrency?: Concurrency;
  /** In the order of the file, at least one. Every `needs` names one of them, and there is no cycle. */
  jobs: Job[];
}

/** Text with `${{ }}` in it, or without. */
export type Template = string;

/** Environment variables, by name. A job's override the pipeline's, and a step's override both. */
export type Env = Record<string, Template>;

/** What starts builds. Without a key, that kind of event starts none; by hand, a build can always be started. */
export interface Triggers {
  push?: RefFilter;
  pullRequest?: PullRequestFilter;
  schedule: Schedule[];
  /** By name, in the order of the file. */
  parameters: Record<string, Parameter>;
}

/** Globs, where a later one that begins with `!` takes away again. An empty list of one kind means all of that kind. */
export interface RefFilter {
  branches: string[];
  branchesIgnore: string[];
  /** Undefined where only branches are named: then no tag starts a build. An empty list is every tag. */
  tags?: string[];
  tagsIgnore: string[];
  paths: string[];
  pathsIgnore: string[];
}

export interface PullRequestFilter {
  /** Of the branch that it is to be merged into. */
  branches: string[];
  branchesIgnore: string[];
  paths: string[];
  pathsIgnore: string[];
}

export interface Schedule {
  /** Five fields, Jenkins' `H` among them. */
  cron: string;
  /** IANA name; UTC by default. */
  timezone: string;
}

export interface Parameter {
  type: 'string' | 'number' | 'boolean' | 'choice';
  description?: string;
  /** Without one, whoever starts a build must give a value. */
  default?: string | number | boolean;
  /** Of a `choice`, at least one. */
  options?: string[];
}

/** At most `limit` builds (or jobs) of one group run at a time; the others wait in their order. */
export interface Concurrency {
  group: Template;
  limit: number;
  /** Whether a newer one ends those that run or wait. */
  cancelInProgress: boolean | Template;
}

export interface Job {
  /** Its key under `jobs:`. */
  id: string;
  name: Template;
  /** A label expression that `#shared/labels` parses, once it is evaluated. */
  runsOn: Template;
  /** Ids of the jobs that must have ended first. */
  needs: string[];
  /** All must hold; none means `success()`. */
  conditions: Condition[];
  matrix?: Matrix;
  env: Env;
  /** From the first step's start, in milliseconds; as a template, a duration such as 10m. */
  timeoutMs: number | Template;
  /** How long it may wait for a node, in milliseconds; without it, the controller's default counts. */
  queueTimeoutMs?: number;
  retry?: Retry;
  /** Whether the build goes on, and ends well, though this job fails. */
  continueOnError: boolean | Template;
  concurrency?: Concurrency;
  /** 0 to 100: higher is sooner. */
  priority: number;
  /** What is done once for many jobs: its nodes start from an image that has it. */
  prepare?: Prepare;
  /** Evaluated when its steps have ended. */
  outputs: Record<string, Template>;
  /** At least one. */
  steps: Step[];
  post: Post;
  /** What it leaves. What it takes from others is among its steps. */
  artifacts: Artifact[];
  /** What its tests tell. */
  reports?: Reports;
  /** What `parameters` means in the templates of a job that came from a template, but for its matrix and its conditions. */
  binding?: Binding;
}

/** An `if`, with `${{ }}` around it or without. */
export interface Condition {
  text: string;
  binding?: Binding;
}

/** The values that a `uses` gave to the parameters of the template, as its caller wrote them. */
export interface Binding {
  parameters: Record<string, Parameter>;
  values: Record<string, string | number | boolean>;
  /** What `parameters` means in `values`; the build's own parameters if absent. */
  outer?: Binding;
}

export interface Matrix {
  /** Lists, by name; or a template whose value is a mapping of lists (with `include` and `exclude`, if it has them). */
  axes: Record<string, Value[] | Template> | Template;
  include: Record<string, Value>[] | Template;
  exclude: Record<string, Value>[] | Template;
  /** Whether one cell's failure cancels the others. */
  failFast: boolean;
  /** Cells that run at a time; all if absent. */
  maxParallel?: number;
}

export interface Retry {
  /** Attempts after the first, for failures of the job's own; attempts that infrastructure failed are counted apart, against the same number. */
  max: number;
  on: RetryReason[];
  /** Between two attempts, in milliseconds. */
  delayMs: number;
}

/** A number is the exit code of the step that failed. */
export type RetryReason = 'failure' | 'errored' | 'timed-out' | number;

/** Steps that run when the job's own have ended, however they ended, on a time budget of their own. */
export interface Post {
  /** For all of them together, in milliseconds. */
  timeoutMs: number;
  steps: PostStep[];
}

/** In the order in which they run. */
export const POST_CONDITIONS = ['always', 'changed', 'success', 'failure', 'cancelled'] as const;
export type PostCondition = (typeof POST_CONDITIONS)[number];

export interface PostStep {
  when: PostCondition;
  step: Step;
}

export type Step =
  RunStep | CheckoutStep | CacheStep | RebootStep | SnapshotStep | HoldStep | FetchStep | CollectStep;

interface StepBase {
  /** As written, or else made from what the step does: one line, for people. */
  name: Template;
  /** For `steps.ID`; unique within its job. */
  id?: string;
  /** All must hold; none means `success()`. */
  conditions: Condition[];
  env: Env;
  continueOnError: boolean | Template;
  /** In milliseconds, or a duration as a template; without it, only the job's timeout counts. */
  timeoutMs?: number | Template;
  /** Relative to the workspace and inside it, without `.` and `..` parts. Without it, the workspace itself. */
  workingDirectory?: Template;
  binding?: Binding;
}

export interface RunStep extends StepBase {
  kind: 'run';
  run: Template;
  shell: Shell;
}

export interface CheckoutStep extends StepBase {
  kind: 'checkout';
  checkout: Checkout;
}

export interface CacheStep extends StepBase {
  kind: 'cache';
  cache: Cache;
}

/** Restarts the node's machine; the job goes on when its agent is back. */
export interface RebootStep extends StepBase {
  kind: 'reboot';
  /** How long that may take. */
  timeoutMs: number | Template;
}

/**
 * Captures the node's disk as the next version of an image stream. A post step after success only, one for a job, and the last thing that
 * happens on the node.
 */
export interface SnapshotStep extends StepBase {
  kind: 'snapshot';
  snapshot: Snapshot;
}

export interface Snapshot {
  /** Lower-case letters, digits, `-`, `_` and `.`, at most 64; or, made by the controller alone, `prepared/…`. */
  stream: Template;
  /** `run` steps for a node that is started from the version, before it may be promoted. Null: it is ready without one. */
  verify: Step[] | null;
  /** Ready versions that stay, the current and the previous one included; at least 2. */
  keep: number;
  promote: Promotion;
  /** Age of the stream's current version from which on it is overdue. */
  refreshAfterMs?: number;
}

/** Keeps the node when the job has ended, for people to look at. A post step; what comes after it runs as it would without. */
export interface HoldStep extends StepBase {
  kind: 'hold';
  hold: Hold;
}

/** Brings an artifact of a job that this one needs into the workspace: made from `artifacts: - from:`, before the job's own steps. */
export interface FetchStep extends StepBase {
  kind: 'fetch';
  fetch: Fetch;
}

export interface Fetch {
  /** Id of a job among `needs`. */
  from: string;
  /** Of the artifact; without it, every one that the job has. */
  artifact?: Template;
  /** Where to, as for a working directory. Of several artifacts or cells of a matrix, each has a folder of its name below it. */
  path?: Template;
}

/** Stores the job's artifacts and reports: made for a job that has some, as the last thing that happens on its node. It never changes the job's result. */
export interface CollectStep extends StepBase {
  kind: 'collect';
}

export interface Hold {
  /** For how long, in milliseconds; without it, the controller's default counts. */
  forMs?: number;
  /** One line, for people; without it, that the job failed. */
  reason?: Template;
  /** Who is let in beside the build's owner: public keys of OpenSSH as one line each, and `@name` for the keys of a profile. */
  keys: string[];
}

/** `when-all`: when each of these clouds has a verified version of the same build, in all of them at once. */
export type Promotion = { how: 'auto' } | { how: 'manual' } | { how: 'when-all'; clouds: string[] };

/** Done once for all jobs of one key, and captured: their nodes start from there. No secrets, no outputs of other steps and jobs in it. */
export interface Prepare {
  /** Beside the steps, what they check out and what the node is made from. */
  key?: Template;
  /** Globs of files in the build's source whose content is in the key; without any, a checkout of that source puts its commit there. */
  files: string[];
  /** How long it is fresh, and how much longer it serves while it is made anew. */
  ttlMs: number;
  maxStaleMs: number;
  /** What a job does while there is no image: it waits for it, or runs the steps itself. */
  onMiss: 'wait' | 'uncached';
  /** Whether each step is an image of its own, from which others with the same first steps go on. */
  layers: boolean;
  /** `run` and `checkout`, at least one. */
  steps: Step[];
}

/** `sh`, `bash`, `python`, or a command line in which `{0}` stands for the script's file; without it, the file comes last. */
export type Shell = string;

/** Source to check out with git. Neither `repository` nor `ref` begins with a dash, so that git can't take one for an option. */
export interface Checkout {
  /** URL, or a path on the node; without it, the source that the build came with. */
  repository?: Template;
  /** Branch, tag, commit or full ref (`refs/pull/7/head`); without it, the build's commit, or the repository's default branch. */
  ref?: Template;
  /** Where to, as for a working directory. */
  path?: Template;
  /** Commits of history; without it, all. */
  depth?: number;
  submodules: boolean | 'recursive';
  lfs: boolean;
  /** For HTTPS: a token or `user:password`. */
  token?: Template;
  /** For SSH: a private key in OpenSSH's format, and the lines of known_hosts that the server's key must be among. */
  sshKey?: Template;
  knownHosts?: Template;
}

/** Files kept from one build for the next ones, under a key. They are restored where the step stands and saved when the job has succeeded. */
export interface Cache {
  key: Template;
  /** Beginnings of keys, tried in order when nothing has the key itself; the newest entry counts. */
  restoreKeys: Template[];
  /** Relative to the workspace, or below the home directory with `~/`; at least one. */
  paths: Template[];
}

export interface Artifact {
  /** Unique within the job. */
  name: Template;
  /** Globs relative to the workspace that never leave it, at least one. */
  paths: Template[];
  exclude: Template[];
  /** After which result of the job's steps it is kept. */
  when: 'success' | 'failure' | 'always';
  /** How long it is kept, in milliseconds; without it, as long as the controller's retention says. */
  expireMs?: number;
  ifEmpty: 'warn' | 'error' | 'ignore';
  /** One archive of all files, or each file as it is; absent in pipelines from before there were archives. */
  archive?: boolean;
}

/** What tests told in files of the workspace, as globs; collected whatever the job's result. At least one. */
export interface Reports {
  junit: Template[];
}
