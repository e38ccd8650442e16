import { isWanted } from './globs.ts';

interface PathFilter {
  paths: readonly string[];
  pathsIgnore: readonly string[];
}

export function filtersPaths({ paths, pathsIgnore }: PathFilter): boolean {
  return paths.length + pathsIgnore.length > 0;
}

/** Why changes of these paths start nothing; undefined where they do. One path that is wanted is enough; no path at all is none. */
export function refusesPaths(
  { paths, pathsIgnore }: PathFilter,
  changed: readonly string[],
): string | undefined {
  if (!filtersPaths({ paths, pathsIgnore })) return undefined;
  const isAny = changed.some((path) => isWanted(path, paths, pathsIgnore));
  return isAny ? undefined : 'nothing that it looks at has changed';
}
