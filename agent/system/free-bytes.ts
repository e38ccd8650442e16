import { statfsSync } from 'node:fs';

/** What a user may still write where the folder is, in bytes; 0 where nobody knows. */
export function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
