import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/** The files of a repository that pipelines name as `./path`, from its root. */
export interface RepositoryFiles {
  /** Absolute, as git has it: without links. */
  readonly root: string;
  /** The text of `./path`; undefined where there is no such file, or where a link leads out of the repository. */
  read(path: string): string | undefined;
}

/** `folder` lies in the repository; outside of one, it is the root itself. */
export function repositoryFiles(folder: string): RepositoryFiles {
  const root = rootOf(realpathSync(folder));
  return {
    root,
    read(path) {
      try {
        const file = realpathSync(join(root, path));
        const isInside = file.startsWith(root.endsWith(sep) ? root : root + sep);
        // A pipe would keep its reader waiting.
        return isInside && statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** A work tree has `.git` at its top: a folder, or a file in a linked work tree or a submodule. */
function rootOf(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return folder;
  }
}
