import type { Binding, Condition, Env, Template } from './template.ts';

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
