import { mkdir, open, rename, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, nothingIfMissing } from './paths.ts';

/** Attempts: the folder may not be there, and removals may take away the one just made. */
const ATTEMPTS = 100;

/** Moves a finished file to its place, and returns once a crash of the machine can't undo it. */
export async function place(from: string, to: string): Promise<void> {
  const folder = dirname(to);
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      break;
    } catch (error) {
      if (!isMissing(error) || attempt === ATTEMPTS) throw error;
      await mkdir(folder, { recursive: true });
    }
  }
  await syncFolder(folder);
}

/** Removes the folders that a removed file left empty, up to `root`. */
export async function removeEmptyFolders(from: string, root: string): Promise<void> {
  for (let folder = from; folder !== root; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (!isMissing(error)) return;
    }
  }
}

/** Makes the names in a folder survive a crash of the machine. */
export async function syncFolder(folder: string): Promise<void> {
  // A folder that is gone was emptied since: there is nothing left to make safe.
  const handle = await open(folder, 'r').catch(nothingIfMissing);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}
