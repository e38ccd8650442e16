import { inside, type Origin } from '../origin.ts';
import type { PullRequestFilter, RefFilter, Triggers } from '../triggers.ts';
import type { PullRequestSource, PushSource, TriggersSource } from '../schema/triggers.ts';
import { toList } from './list.ts';
import { toParameters } from './parameters.ts';

/** Every branch. */
const ALL = '**';

export function toTriggers(source: TriggersSource | undefined, origin: Origin): Triggers {
  if (source === undefined) return { schedule: [], parameters: {} };
  if (typeof source === 'string') return toTriggers([source], origin);
  if (Array.isArray(source)) {
    return {
      ...(source.includes('push') && { push: toRefFilter({}) }),
      ...(source.includes('pull-request') && { pullRequest: toPullRequestFilter({}) }),
      schedule: [],
      parameters: {},
    };
  }
  const { push, 'pull-request': pullRequest, schedule = [], manual } = source;
  return {
    ...(push !== undefined && { push: toRefFilter(push ?? {}) }),
    ...(pullRequest !== undefined && { pullRequest: toPullRequestFilter(pullRequest ?? {}) }),
    schedule,
    parameters: toParameters(manual?.parameters, inside(origin, 'manual', 'parameters')),
  };
}

/** Whoever names only branches means no tags, and whoever names only tags means no branches. */
function toRefFilter(source: PushSource): RefFilter {
  const namesBranches = source.branches !== undefined || source['branches-ignore'] !== undefined;
  const namesTags = source.tags !== undefined || source['tags-ignore'] !== undefined;
  return {
    ...toPullRequestFilter(source),
    ...(namesTags && !namesBranches && { branchesIgnore: [ALL] }),
    ...((namesTags || !namesBranches) && { tags: toList(source.tags) }),
    tagsIgnore: toList(source['tags-ignore']),
  };
}

function toPullRequestFilter(source: PullRequestSource): PullRequestFilter {
  return {
    branches: toList(source.branches),
    branchesIgnore: toList(source['branches-ignore']),
    paths: toList(source.paths),
    pathsIgnore: toList(source['paths-ignore']),
  };
}
