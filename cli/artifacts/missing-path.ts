import { FootmanError } from '#shared/errors';
import { nearest } from '#shared/nearest';

/** `known`: the paths that there are, which may be thousands. */
export function missingPath(what: string, path: string, known: readonly string[]): FootmanError {
  const [close] = nearest(path, known, 1);
  const hint =
    close === undefined ? '`footman artifacts ls --files` lists what there is' : `did you mean ${close}?`;
  return new FootmanError('not-found', `${what} ${path}`, { hint });
}
