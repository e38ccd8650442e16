import { relative } from 'node:path';
import picomatch from 'picomatch';

/** Which files of the workspace belong to an artifact. Paths are relative to it. */
export interface Selection {
  includes(file: string): boolean;
  /** Something below the folder may belong to it: it is worth looking into. */
  mayHold(folder: string): boolean;
}

/** Hidden files count, and `!` stands for itself: what is not wanted has a list of its own. */
const OPTIONS = { dot: true, nonegate: true } as const;

/**
 * Reads the globs of an artifact. A glob that matches a folder means everything below it.
 *
 * @throws Error for a glob that leaves the workspace
 */
export function createSelection(
  paths: readonly string[],
  exclude: readonly string[],
  workspace: string,
): Selection {
  const wanted = paths.map((path) => normalize(path, workspace));
  const unwanted = exclude.map((path) => normalize(path, workspace));
  const isWanted = matcherOf(wanted);
  const isUnwanted = matcherOf(unwanted);
  const bases = wanted.map((glob) => picomatch.scan(glob).base);

  return {
    includes: (file) => isWanted(file) && !isUnwanted(file),
    mayHold: (folder) =>
      !isUnwanted(folder) && bases.some((base) => isWithin(folder, base) || isWithin(base, folder)),
  };
}

function matcherOf(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => false;
  return picomatch(
    globs.flatMap((glob) => [glob, `${glob}/**`]),
    OPTIONS,
  );
}

/** Without what makes the same place look different: a leading `./`, a slash at the end, or the workspace's own path before it. */
function normalize(glob: string, workspace: string): string {
  const local = glob === workspace || glob.startsWith(`${workspace}/`) ? relative(workspace, glob) : glob;
  if (local.startsWith('/')) throw new Error(`${glob} is outside the workspace`);
  const parts = local.split('/').filter((part) => part !== '.' && part !== '');
  if (parts.includes('..')) throw new Error(`${glob} has a part "..": artifacts come from the workspace`);
  const normal = parts.join('/');
  return normal === '' ? '**' : normal;
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
