import { readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, removeTree } from '#controller/files';
import { isPart, logFiles, type LogId } from './log-id.ts';

const SUFFIX = /\.(log|idx)$/;

/** All logs that have a file on the disk, in no order. What else lies there is left out. */
export async function* listOnDisk(root: string): AsyncGenerator<LogId> {
  for (const build of await namesIn(root)) {
    for (const job of await namesIn(join(root, build))) {
      const names = await namesIn(join(root, build, job));
      const steps = names.filter((name) => SUFFIX.test(name)).map((name) => name.replace(SUFFIX, ''));
      for (const step of new Set(steps)) if ([build, job, step].every(isPart)) yield { build, job, step };
    }
  }
}

/** Removes the log's files, and the folders of its job and its build when they were the last. */
export async function removeFromDisk(root: string, id: LogId): Promise<void> {
  const files = logFiles(root, id);
  // In this order: whoever finds a log finds its index, too.
  await rm(files.log, { force: true });
  await rm(files.index, { force: true });
  if (await removeIfEmpty(files.folder)) await removeIfEmpty(dirname(files.folder));
}

export async function removeBuildFromDisk(root: string, build: string): Promise<void> {
  await removeTree(dirname(logFiles(root, { build, job: 'any', step: 'any' }).folder));
}

async function removeIfEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}
