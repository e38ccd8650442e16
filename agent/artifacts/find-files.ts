// Not node:fs/promises: in the bundle, that would be loaded when the agent starts.
import { promises as fs, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '#shared/quantity';
import { MAX_PATH_LENGTH } from '#shared/protocol';
import type { Selection } from './selection.ts';

/** A file that belongs to an artifact. */
export interface FoundFile {
  /** Relative to the workspace, with `/`. */
  path: string;
  bytes: number;
  /** Permission bits. */
  mode: number;
  /** Milliseconds since the epoch; with the size it tells whether the file has changed since. */
  modified: number;
}

export interface Limits {
  maxFiles: number;
  maxBytes: number;
}

/**
 * The files of the selection, by name. Links to folders are not followed, and links to files only within the workspace: an artifact
 * holds what the job made, not what lies around it. Sockets, devices and the like are left out.
 *
 * @throws Error beyond a limit, and for a name that an artifact can't hold
 */
export async function findFiles(
  workspace: string,
  selection: Selection,
  { maxFiles, maxBytes }: Limits,
): Promise<FoundFile[]> {
  const root = await fs.realpath(workspace);
  const found: FoundFile[] = [];
  let bytes = 0;
  await search('');
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));

  async function search(folder: string): Promise<void> {
    for (const entry of await fs.readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (selection.mayHold(path)) await search(path);
      } else if (selection.includes(path)) await add(path, entry);
    }
  }

  async function add(path: string, entry: Dirent): Promise<void> {
    if (!entry.isFile() && !(entry.isSymbolicLink() && (await leadsWithin(path)))) return;
    const file = await fs.stat(join(root, path));
    if (!file.isFile()) return;
    requireName(path);
    found.push({ path, bytes: file.size, mode: file.mode & 0o7777, modified: file.mtimeMs });
    bytes += file.size;
    if (found.length > maxFiles) throw new Error(`more than ${maxFiles} files match`);
    if (bytes > maxBytes) throw new Error(`the files that match have more than ${formatBytes(maxBytes)}`);
  }

  async function leadsWithin(path: string): Promise<boolean> {
    const target = await fs.realpath(join(root, path)).catch(() => undefined);
    return target?.startsWith(`${root}/`) ?? false;
  }
}

function requireName(path: string): void {
  if (path.includes('\\')) throw new Error(`${path} has a backslash in its name`);
  if (path.includes('\u{fffd}')) throw new Error(`${path} has a name that is not UTF-8`);
  if (path.length > MAX_PATH_LENGTH) throw new Error(`${path} is longer than ${MAX_PATH_LENGTH} characters`);
}
