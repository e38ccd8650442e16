import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exports } from './environment.ts';

/** What steps hand on to later ones, kept for the agent of the machine's next boot. */
export interface KeptExports {
  /** Nothing in a node's first boot. */
  read(): Exports;
  /**
   * On the disk when it returns, whole or not at all.
   *
   * @throws the system's error
   */
  write(exports: Exports): void;
}

export function keepExports(root: string): KeptExports {
  const file = join(root, 'exports.json');
  return {
    read() {
      const text = textOf(file);
      return text === undefined ? { values: {}, path: [], secret: [] } : (JSON.parse(text) as Exports);
    },
    write(exports) {
      const fresh = `${file}.new`;
      rmSync(fresh, { force: true });
      // Steps may have exported secrets.
      writeFileSync(fresh, JSON.stringify(exports), { mode: 0o600, flag: 'wx', flush: true });
      renameSync(fresh, file);
      flushFolder(root);
    },
  };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A new name is on the disk when its folder is. */
function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
