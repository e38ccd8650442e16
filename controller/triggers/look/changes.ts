import type { Repository } from '#controller/projects';
import type { Project } from '#controller/store';
import type { Push } from '../webhooks/event.ts';

/** Paths that the push changed, all its commits together; undefined where that can't be told, which counts as everything. */
export async function pathsOfPush(
  repository: Repository,
  project: Project,
  { before, ref }: Push,
  commit: string,
): Promise<string[] | undefined> {
  const from = before === undefined ? undefined : await repository.commitOf(before);
  if (from !== undefined) return repository.changedPaths(from, commit);
  // Pushed over what nobody has any more, or the first push of a branch: what it has that the default branch hasn't.
  const trunk = `refs/heads/${project.default_branch}`;
  return ref === trunk ? undefined : pathsSince(repository, trunk, commit);
}

/** Paths that differ from where the commit's history left that of the branch. */
export async function pathsSince(
  repository: Repository,
  branch: string,
  commit: string,
): Promise<string[] | undefined> {
  const tip = await repository.resolve(branch);
  const parting = tip === undefined ? undefined : await repository.mergeBase(tip.commit, commit);
  return parting === undefined ? undefined : repository.changedPaths(parting, commit);
}
