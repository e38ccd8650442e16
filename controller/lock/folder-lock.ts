import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FootmanError } from '#shared/errors';

/** A data folder that is this process's alone. */
export interface FolderLock {
  release(): void;
}

/**
 * Claims a data folder for this process. The claim is a lock that the kernel holds, through SQLite: it ends with the process however that
 * dies, so there is no stale one to clean up.
 *
 * @throws FootmanError `controller-busy` when another controller has it.
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(join(folder, 'controller.lock'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new FootmanError('controller-busy', `another controller uses the data folder ${folder}`, {
      hint: 'stop it, or choose another folder with --data',
      cause,
    });
  }
  return { release: () => lock.close() };
}
