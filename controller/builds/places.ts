import type { GroupedBuild, GroupedJob } from '#controller/store';

/** Whether there is a place in the group for the build, which is one of it; those that came first go first. */
export function buildHasPlace(
  { id, number, concurrency_limit: limit }: Pick<GroupedBuild, 'id' | 'number' | 'concurrency_limit'>,
  group: readonly GroupedBuild[],
): boolean {
  const before = group.filter(
    (other) => other.id !== id && (other.admitted_at !== null || other.number < number),
  );
  return before.length < (limit ?? 1);
}

/** The same for a job; the group is in the order of its builds. */
export function jobHasPlace(
  { id, concurrency_limit: limit }: Pick<GroupedJob, 'id' | 'concurrency_limit'>,
  group: readonly GroupedJob[],
): boolean {
  const own = group.findIndex((other) => other.id === id);
  const before = group.filter((other, index) => index !== own && (other.state !== 'blocked' || index < own));
  return before.length < (limit ?? 1);
}
