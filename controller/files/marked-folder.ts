import { mkdir, readdir, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './error-code.ts';
import { removeTree } from './remove-tree.ts';

/**
 * A folder with a mark in it that says whose it is. It appears at once with its mark, and the mark goes last: so one without a mark is
 * somebody else's, and a removal that was cut short can be found and finished.
 */
export interface MarkedFolder {
  path: string;
  /** Name of the file that is the mark. */
  mark: string;
}

/** Only its owner may enter it, and read its mark. A folder that is there already stays as it is. */
export async function makeMarkedFolder({ path, mark }: MarkedFolder, text: string): Promise<void> {
  const staging = stagingOf(path);
  await mkdir(staging, { recursive: true, mode: 0o700 });
  await writeFile(join(staging, mark), text, { mode: 0o600 });
  try {
    await rename(staging, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
    await removeTree(staging);
  }
}

/** Removes the folder, where it still is. */
export async function removeMarkedFolder({ path, mark }: MarkedFolder): Promise<void> {
  for (const name of await namesIn(path)) {
    if (name !== mark) await removeTree(join(path, name));
  }
  await removeTree(path);
}

/** Removes what making or removing a folder left that was cut short, where there is no mark in it. */
export async function removeRemains({ path }: MarkedFolder): Promise<void> {
  await removeTree(stagingOf(path));
  try {
    await rmdir(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTEMPTY') throw error;
  }
}

/** None in a folder that is not there: another removal may have been quicker. */
async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Not a name that a folder of ours has. */
function stagingOf(path: string): string {
  return `${path}.new`;
}
