import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

const MOST_BYTES = 4096;

/** The first 4 KiB of a small file; empty where it can't be read. A file of the kernel is made only as far as it is read. */
export function readText(root: string, path: string): string {
  try {
    const file = openSync(join(root, path), 'r');
    try {
      const buffer = Buffer.alloc(MOST_BYTES);
      return buffer.toString('utf8', 0, readSync(file, buffer));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
