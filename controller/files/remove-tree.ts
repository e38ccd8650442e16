import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './error-code.ts';

/** Removes the folder and all in it; directories that their owner may not write (Go's module cache has such) are no obstacle. */
export async function removeTree(path: string): Promise<void> {
  try {
    await remove(path);
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw error;
    await makeWritable(path);
    await remove(path);
  }
}

function remove(path: string): Promise<void> {
  // Retries are for EBUSY and ENOTEMPTY: somebody still writes or holds a file open on a network file system.
  return rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory()) await makeWritable(join(directory, entry.name));
  }
}
