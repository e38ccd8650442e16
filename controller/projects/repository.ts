import { posix } from 'node:path';
import { askGit, git, type GitOptions } from './git.ts';
import { plainLine } from './plain-line.ts';

/** A commit, and the name that somebody gave for it. */
export interface Revision {
  commit: string;
  /** Full name; null where it was named by itself. */
  ref: string | null;
  branch?: string;
  tag?: string;
}

/** What a commit says of itself: from a fork, words of a stranger. */
export interface CommitText {
  /** First line of the message, and the author's name: plain, and not long. */
  title: string;
  author: string;
  /** As it is, but for what is far beyond a message. */
  message: string;
}

/** A regular file of a commit's tree. */
export interface TreeFile {
  path: string;
  object: string;
  bytes: number;
}

/**
 * What a project's mirror holds, read without a work tree: nothing of it is ever checked out, run, or followed out of the repository.
 * Names come from strangers; they reach git as full refs, full commit ids and literal paths alone.
 */
export interface Repository {
  /** The commit that this object is or points at (an annotated tag does); undefined where there is none. */
  commitOf(object: string): Promise<string | undefined>;
  /** A branch, else a tag, else a full ref, else a commit by its id. */
  resolve(name: string): Promise<Revision | undefined>;
  textOf(commit: string): Promise<CommitText>;
  /** Whether a branch or a tag has the commit in its history. What only a pull request has may be anybody's. */
  isMerged(commit: string): Promise<boolean>;
  /** Where two histories parted; undefined where they never met. */
  mergeBase(one: string, other: string): Promise<string | undefined>;
  /** Paths that differ between two commits, under their old and their new names; undefined where there are too many to tell. */
  changedPaths(from: string, to: string): Promise<string[] | undefined>;
  /** Regular files below these folders or at these paths; `''` is everything. */
  files(commit: string, below: readonly string[]): Promise<TreeFile[]>;
  /** The regular file at this path; undefined where there is none. */
  file(commit: string, path: string): Promise<TreeFile | undefined>;
  contentOf(file: TreeFile): Promise<Buffer>;
}

const OBJECT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** Shorter than a full id, and still hardly ever ambiguous. */
const SHORT_COMMIT = /^[0-9a-f]{7,64}$/;
/** Changed paths, in bytes of their names. */
const MAX_PATHS = 64 * 1024 * 1024;
const MAX_MESSAGE = 64 * 1024;
const MAX_TITLE = 500;
const MAX_AUTHOR = 200;
const REGULAR = /^100(?:644|755|664)$/;

export function openRepository(path: string, signal: AbortSignal): Repository {
  const options: GitOptions = { repository: path, signal };

  const repository: Repository = {
    commitOf: async (object) => (OBJECT.test(object) ? verify(object) : undefined),

    async resolve(name) {
      for (const [kind, prefix] of [
        ['branch', 'refs/heads/'],
        ['tag', 'refs/tags/'],
      ] as const) {
        const short = name.startsWith(prefix) ? name.slice(prefix.length) : name;
        const commit = await verifyRef(prefix + short);
        if (commit !== undefined) return { commit, ref: prefix + short, [kind]: short };
      }
      const commit = name.startsWith('refs/') ? await verifyRef(name) : undefined;
      if (commit !== undefined) return { commit, ref: name };
      const named = SHORT_COMMIT.test(name) ? await verify(name) : undefined;
      return named === undefined ? undefined : { commit: named, ref: null };
    },

    async textOf(commit) {
      const text = await git(
        ['show', '--no-patch', '--no-notes', '--format=%an%x00%B', commit, '--'],
        options,
      );
      const [author = '', message = ''] = text.toString('utf8').split('\0');
      const title = plainLine(message.slice(0, MAX_MESSAGE).split('\n', 1)[0] ?? '', MAX_TITLE);
      return { author: plainLine(author, MAX_AUTHOR), title, message: message.slice(0, MAX_MESSAGE) };
    },

    async isMerged(commit) {
      const args = ['for-each-ref', '--count=1', `--contains=${commit}`, 'refs/heads', 'refs/tags'];
      return (await git(args, options)).length > 0;
    },

    mergeBase: (one, other) => askGit(['merge-base', one, other], options),

    async changedPaths(from, to) {
      try {
        const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to, '--'];
        return split(await git(args, { ...options, maxBytes: MAX_PATHS }));
      } catch (error) {
        signal.throwIfAborted();
        void error;
        return undefined;
      }
    },

    async files(commit, below) {
      const paths = below.includes('') ? [] : below;
      const tree = await git(['ls-tree', '-r', '-z', '-l', '--full-tree', commit, '--', ...paths], options);
      return split(tree).flatMap(parseEntry);
    },

    async file(commit, path) {
      if (path === '' || posix.isAbsolute(path) || posix.normalize(path) !== path || path.startsWith('../'))
        return undefined;
      const found = await repository.files(commit, [path]);
      return found.find((file) => file.path === path);
    },

    contentOf: ({ object, bytes }) => git(['cat-file', 'blob', object], { ...options, maxBytes: bytes }),
  };
  return repository;

  async function verifyRef(ref: string): Promise<string | undefined> {
    // What git itself refuses as the name of a ref: `..`, `@{`, a dash in front of a part, spaces, and the like.
    if ((await askGit(['check-ref-format', ref], options)) === undefined) return undefined;
    return verify(ref);
  }

  function verify(object: string): Promise<string | undefined> {
    return askGit(['rev-parse', '--verify', '--quiet', '--end-of-options', `${object}^{commit}`], options);
  }
}

/** A line of `ls-tree -l`: mode, type, object, size, a tab, and the path. Symbolic links and submodules are no files here. */
function parseEntry(line: string): TreeFile[] {
  const match = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line);
  if (match === null) return [];
  const [, mode = '', object = '', bytes = '', path = ''] = match;
  return REGULAR.test(mode) ? [{ path, object, bytes: Number(bytes) }] : [];
}

function split(output: Buffer): string[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry !== '');
}
