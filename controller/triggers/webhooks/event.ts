/** What a delivery says has happened, whichever service sent it. Its texts come from strangers. */
export type RepositoryEvent = Push | ProposedChange | Nothing;

/** A branch or a tag is new, or points elsewhere. */
export interface Push {
  kind: 'push';
  /** Full name: `refs/heads/…` or `refs/tags/…`. */
  ref: string;
  /** Undefined where the ref is new. */
  before: string | undefined;
  /** A commit, or the object of an annotated tag. */
  after: string;
  actor?: string | undefined;
}

/** A pull request, which GitLab calls a merge request, was opened or has new commits. */
export interface ProposedChange {
  kind: 'pull-request';
  number: number;
  title: string;
  author: string;
  /** Branch that it comes from, and the one that it is to be merged into. */
  branch: string;
  base: string;
  head: string;
  /** Full name under which its own repository has the head, forks included. */
  ref: string;
  fork: boolean;
  actor?: string | undefined;
}

/** It starts no build. */
export interface Nothing {
  kind: 'nothing';
  reason: string;
}

export function nothing(reason: string): Nothing {
  return { kind: 'nothing', reason };
}
