import type { PullRequestFilter, RefFilter } from '#shared/pipeline';
import { isWanted } from './globs.ts';

/** A branch or a tag by its short name. */
export type PushedRef = { branch: string } | { tag: string };

/** Why a push of this ref starts nothing; undefined where it does. */
export function refusesPush(filter: RefFilter, ref: PushedRef): string | undefined {
  const { branches, branchesIgnore, tags, tagsIgnore } = filter;
  if ('branch' in ref)
    return isWanted(ref.branch, branches, branchesIgnore)
      ? undefined
      : `it is not for the branch ${ref.branch}`;
  if (tags === undefined) return 'it is for branches alone';
  return isWanted(ref.tag, tags, tagsIgnore) ? undefined : `it is not for the tag ${ref.tag}`;
}

/** Why a pull request into this branch starts nothing; undefined where it does. */
export function refusesBase(filter: PullRequestFilter, base: string): string | undefined {
  const { branches, branchesIgnore } = filter;
  return isWanted(base, branches, branchesIgnore) ? undefined : `it is not for pull requests into ${base}`;
}
