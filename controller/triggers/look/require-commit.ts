import type { Repository } from '#controller/projects';
import { FootmanError } from '#shared/errors';

/** The commit that the object is or points at. @throws FootmanError `not-found`: a service may tell of a push before it shows it. */
export async function requireCommit(repository: Repository, object: string): Promise<string> {
  const commit = await repository.commitOf(object);
  if (commit !== undefined) return commit;
  throw new FootmanError('not-found', `the repository has no commit ${object}; it may have been pushed over`);
}
