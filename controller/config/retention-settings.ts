/** How long builds and what they left are kept; times are milliseconds, sizes bytes, and null is no limit. */
export interface RetentionSettings {
  /** What holds where no rule says otherwise. */
  builds: KeepBuilds;
  /** By branch, and for builds without one: the first rule that fits counts, in the place of `builds`. */
  rules: BranchRule[];
  /** Artifacts that do not say themselves how long they are kept. */
  artifacts: number | null;
  /** Everything in the storage together: the oldest builds go first. */
  bytes: number | null;
  /** Between two passes of the keeper. */
  interval: number;
}

export interface KeepBuilds {
  age: number | null;
  /** Newest builds of one pipeline and branch that stay, however old. */
  atLeast: number;
  /** Builds of one pipeline and branch; more than that go, the oldest first. */
  atMost: number | null;
}

export interface BranchRule extends KeepBuilds {
  /** Globs, as in a pipeline's `on: push`. */
  branches: string[];
  /** Names of projects; empty for all. */
  projects: string[];
}
