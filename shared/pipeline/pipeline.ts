import type { Value } from '#shared/expressions';
import type { Step } from './step.ts';
import type { Binding, Condition, Env, Template } from './template.ts';
import type { Triggers } from './triggers.ts';

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
