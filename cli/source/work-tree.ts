import { FootmanError } from '#shared/errors';
import { git, tryGit } from './git.ts';

/** The commit that a build of a work tree is of. */
export interface Snapshot {
  /** Top folder of the work tree. */
  root: string;
  commit: string;
  /** The commit that is checked out. */
  head: string;
  /** Branch that is checked out. */
  branch: string | null;
  /** Tracked files that differ from HEAD; the commit has them as they are now. */
  modified: number;
  /** Files that git does not track; the commit has none of them. */
  untracked: number;
}

/**
 * The state of the work tree that `folder` lies in, or undefined outside of one. Tracked files that were modified become a commit that
 * no branch knows, on top of HEAD; neither the work tree nor the index changes.
 *
 * @throws FootmanError `host-unfit` where git fails, `request-invalid` for a repository without a commit.
 */
export async function snapshotWorkTree(folder: string): Promise<Snapshot | undefined> {
  const cwd = folder;
  if ((await tryGit(['rev-parse', '--is-inside-work-tree'], { cwd })) !== 'true') return undefined;
  const root = await git(['rev-parse', '--show-toplevel'], { cwd });
  const head = await tryGit(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { cwd });
  if (head === undefined) {
    throw new FootmanError('request-invalid', `the repository ${root} has no commit yet`, {
      hint: 'the build checks out a commit: make a first one',
    });
  }
  const branch = await tryGit(['symbolic-ref', '--short', '--quiet', 'HEAD'], { cwd });
  const { modified, untracked } = count(await git(['status', '--porcelain=v1', '-z'], { cwd: root }));
  const stash =
    modified > 0 ? await git(['stash', 'create', 'footman: the work tree as it was'], { cwd: root }) : '';
  return { root, commit: stash === '' ? head : stash, head, branch: branch ?? null, modified, untracked };
}

/** Entries end in NUL; a renamed file has its old name as an entry of its own, without a state. */
function count(status: string): { modified: number; untracked: number } {
  const entries = status.split('\0').filter((entry) => /^[ MADRCUT?!]{2} /.test(entry));
  const untracked = entries.filter((entry) => entry.startsWith('??')).length;
  return { modified: entries.length - untracked, untracked };
}
