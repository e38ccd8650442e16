import type { BuildOutline } from '#controller/store';
import { matcherOf } from '#controller/triggers';
import { branchOf } from './fate.ts';
import type { KeepBuilds, RetentionSettings } from '#controller/config';

/** Of all settings, what holds for the build. `project` is its project's name. */
export type Policy = (build: Pick<BuildOutline, 'trigger'>, project: string | null) => KeepBuilds;

/** Branches are named by strangers: matching one takes no longer than this. */
const MOST_EFFORT = 100_000;

/** Whether any build may ever go; where nothing limits them, there is no need to look at each. */
export function limitsBuilds({ builds, rules, bytes }: RetentionSettings): boolean {
  return bytes !== null || [builds, ...rules].some(({ age, atMost }) => age !== null || atMost !== null);
}

/** No rule fits a build without a branch, which says of itself what it is of. */
export function policyOf({ builds, rules }: RetentionSettings): Policy {
  const matched = rules.map((rule) => ({ rule, isMeant: matcherOf(rule.branches) }));
  return (build, project) => {
    const branch = branchOf(build);
    if (branch === null) return builds;
    const found = matched.find(
      ({ rule: { projects }, isMeant }) =>
        (projects.length === 0 || (project !== null && projects.includes(project))) &&
        isMeant(branch, { left: MOST_EFFORT }),
    );
    return found?.rule ?? builds;
  };
}
