import type { Build } from '#controller/store';

/**
 * What a build's tests are compared with: those of its branch. A pull request has a history of its own, whatever its branch is called: anybody
 * may name one `main`.
 */
export function branchOf({ trigger, source }: Pick<Build, 'trigger' | 'source'>): string {
  const { pullRequest, branch, tag } = trigger;
  if (pullRequest !== undefined) return `pull/${pullRequest.number}`;
  return branch ?? tag ?? source?.ref ?? '';
}

/** Where a branch came from, as far as it is known: what a test did there counts for its first run on the branch. */
export function baseOf(
  { trigger }: Pick<Build, 'trigger'>,
  defaultBranch: string | undefined,
): string | undefined {
  return trigger.pullRequest?.base ?? defaultBranch;
}
