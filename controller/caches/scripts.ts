import type { Cache } from '#shared/pipeline';
import { RESTORE } from './restore-script.ts';
import { SAVE } from './save-script.ts';

/** A script for `sh -e`, and the variables that carry its values. */
export interface CacheScript {
  script: string;
  env: Record<string, string>;
}

/** Name under which the agent finds the file of the entry. */
export const CACHE_INPUT = 'cache.tar.gz';

/** Unpacks the entry; with none, says that there is none. */
export function restoreScript({ key, paths }: Cache, matched: string | null): CacheScript {
  return {
    script: RESTORE,
    env: { CACHE_KEY: key, CACHE_ROOTS: rootsOf(paths), CACHE_MATCHED_KEY: matched ?? '' },
  };
}

export function saveScript({ key, paths }: Cache): CacheScript {
  return { script: SAVE, env: { CACHE_KEY: key, CACHE_PATHS: paths.map(inArchive).join('\n') } };
}

/** For a cache that can't be: the step fails and says why. */
export function failingScript(problem: string): CacheScript {
  return {
    script: 'printf \'%s\\n\' "$CACHE_PROBLEM" >&2\nexit 1\n',
    env: { CACHE_PROBLEM: problem },
  };
}

/** In the archive, the workspace and the home directory are folders beside each other: they lie elsewhere on each node. */
function inArchive(path: string): string {
  const name = path.startsWith('~/') ? `home/${path.slice(2)}` : `workspace/${path}`;
  return name.replace(/\/+$/, '');
}

function rootsOf(paths: readonly string[]): string {
  return [...new Set(paths.map((path) => (path.startsWith('~/') ? 'home' : 'workspace')))].join(' ');
}
