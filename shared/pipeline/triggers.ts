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
