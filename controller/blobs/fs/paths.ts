import { join } from 'node:path';
import { codeOf } from '#controller/files';

/**
 * Where things are in the store's folder. An object's file ends in `~`, which no key has, so that `a` (the file `a~`) and `a/b` (in the
 * folder `a`) never meet. What is still being written is in `incoming`, and what comes in parts in `uploads`, on the same file system, which
 * makes a rename atomic.
 */
export interface Paths {
  objects: string;
  incoming: string;
  uploads: string;
}

const FILE_SUFFIX = '~';

export function pathsIn(folder: string): Paths {
  return {
    objects: join(folder, 'objects'),
    incoming: join(folder, 'incoming'),
    uploads: join(folder, 'uploads'),
  };
}

export function pathOf(paths: Paths, key: string): string {
  return join(paths.objects, key + FILE_SUFFIX);
}

/** The last part of the key of an object's file; undefined for other files' names. */
export function partOf(fileName: string): string | undefined {
  return fileName.endsWith(FILE_SUFFIX) ? fileName.slice(0, -FILE_SUFFIX.length) : undefined;
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** For what need not be there; other errors are thrown. */
export function nothingIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
