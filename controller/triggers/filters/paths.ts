import { wants } from './globs.ts';

interface PathFilter {
  paths: readonly string[];
  pathsIgnore: readonly string[];
}

/** A fraction of a second. Enough for tens of thousands of paths, unless somebody wrote globs to keep the controller busy. */
const MAX_STEPS = 10_000_000;

export function filtersPaths({ paths, pathsIgnore }: PathFilter): boolean {
  return paths.length + pathsIgnore.length > 0;
}

/** Why changes of these paths start nothing; undefined where they do. One path that is wanted is enough; no path at all is none; what takes too long to tell counts as one. */
export function refusesPaths(
  { paths, pathsIgnore }: PathFilter,
  changed: readonly string[],
): string | undefined {
  if (!filtersPaths({ paths, pathsIgnore })) return undefined;
  const effort = { left: MAX_STEPS };
  const isWanted = wants(paths, pathsIgnore);
  const isAny = changed.some((path) => isWanted(path, effort) || effort.left < 0);
  return isAny ? undefined : 'nothing that it looks at has changed';
}
