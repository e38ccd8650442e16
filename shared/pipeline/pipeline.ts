/** A pipeline that was read and checked, with every default filled in. It is plain data: it may be stored as JSON. */
export interface Pipeline {
  name: string;
  env: Env;
  /** For the whole build, in milliseconds, waiting included; without it, only the jobs' own timeouts count. */
  timeoutMs?: number;
  /** In the order of the file, at least one. Every `needs` names one of them, and there is no cycle. */
  jobs: Job[];
}

/** Environment variables, by name. A job's override the pipeline's, and a step's override both. */
export type Env = Record<string, string>;

export interface Job {
  /** Its key under `jobs:`. */
  id: string;
  name: string;
  /** A label expression that `#shared/labels` parses. */
  runsOn: string;
  /** Ids of the jobs that must succeed first. */
  needs: string[];
  env: Env;
  /** From the first step's start, in milliseconds. */
  timeoutMs: number;
  /** How long it may wait for a node, in milliseconds; without it, the controller's default counts. */
  queueTimeoutMs?: number;
  /** At least one. */
  steps: Step[];
  artifacts: Artifact[];
}

export type Step = RunStep | CheckoutStep;

interface StepBase {
  /** As written, or else made from what the step does: one line, for people. */
  name: string;
  env: Env;
  /** In milliseconds; without it, only the job's timeout counts. */
  timeoutMs?: number;
  /** Relative to the workspace and inside it, without `.` and `..` parts. Without it, the workspace itself. */
  workingDirectory?: string;
}

export interface RunStep extends StepBase {
  kind: 'run';
  run: string;
  shell: Shell;
}

export interface CheckoutStep extends StepBase {
  kind: 'checkout';
  checkout: Checkout;
}

export type Shell = 'sh' | 'bash' | 'python';

/** Source to check out with git. Neither `repository` nor `ref` begins with a dash, so that git can't take one for an option. */
export interface Checkout {
  /** URL, or a path on the node; without it, the source that the build came with. */
  repository?: string;
  /** Branch, tag or commit; without it, the build's commit, or the repository's default branch. */
  ref?: string;
  /** Where to, as for a working directory. */
  path?: string;
  /** Commits of history; without it, all. */
  depth?: number;
}

export interface Artifact {
  /** Unique within the job. */
  name: string;
  /** Globs relative to the workspace that never leave it, at least one. */
  paths: string[];
  exclude: string[];
  /** After which result of the job's steps it is kept. */
  when: 'success' | 'failure' | 'always';
  ifEmpty: 'warn' | 'error' | 'ignore';
}
