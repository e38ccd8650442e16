import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The agent's own folders. */
export interface Folders {
  root: string;
  /** Where steps run. */
  workspace: string;
  /** What steps printed and the controller may still ask for. */
  spool: string;
  /** A folder for each step under way: its script, and the files that it leaves its outputs in. */
  steps: string;
}

/**
 * Makes the folders at `root`, or, if that can't be, at a new place for temporary files.
 *
 * @throws the system's error if there is no such place either
 */
export function makeFolders(root: string): Folders {
  try {
    return makeAt(root);
  } catch {
    return makeAt(mkdtempSync(join(tmpdir(), 'footman-')));
  }
}

function makeAt(root: string): Folders {
  const folders = {
    root,
    workspace: join(root, 'workspace'),
    spool: join(root, 'spool'),
    steps: join(root, 'steps'),
  };
  mkdirSync(folders.workspace, { recursive: true });
  mkdirSync(folders.spool, { recursive: true, mode: 0o700 });
  mkdirSync(folders.steps, { recursive: true, mode: 0o700 });
  return folders;
}
