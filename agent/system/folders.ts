import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The agent's own folders. */
export interface Folders {
  root: string;
  /** Where steps run. */
  workspace: string;
  /** What steps printed and the controller may still ask for. */
  spool: string;
  /** A folder for each step under way: its script, and the files that it leaves its outputs in. */
  steps: string;
  /** What steps leave for the controller to collect, outside the workspace. */
  uploads: string;
}

/**
 * Makes the folders at `root`, or, if that can't be, at a new place for temporary files. Where an agent of an earlier boot of the node's
 * machine has left its own, the workspace and what steps left stay; what was of a step under way goes.
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
    uploads: join(root, 'uploads'),
  };
  makeFolder(root, 0o777);
  makeFolder(folders.workspace, 0o777);
  makeFolder(folders.spool, 0o700);
  makeFolder(folders.steps, 0o700);
  makeFolder(folders.uploads, 0o777);
  for (const folder of [folders.spool, folders.steps]) empty(folder);
  return folders;
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** Makes the folder and those above it. Not by `recursive`, which tries for ever where a parent exists and still can't have children. */
function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path), mode);
    mkdirSync(path, { mode });
  }
}
