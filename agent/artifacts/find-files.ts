// Not node:fs/promises: in the bundle, that would be loaded when the agent starts.
import { promises as fs, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '#shared/quantity';
import { MAX_PATH_LENGTH } from '#shared/protocol';
import { readInnerLink } from './inner-link.ts';
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
  /** Where it leads, if it is a link. */
  link?: string;
}

interface Options {
  maxFiles: number;
  maxBytes: number;
  /** Takes links for what they are, instead of the files that they lead to. */
  keptLinks?: KeptLinks;
}

interface KeptLinks {
  /** Hears of each link that leads nowhere, or out of the workspace. */
  leftOut(path: string): void;
}

/**
 * The files of the selection, in the order of the bytes of their paths. Links to folders are not followed, and links to files only within the
 * workspace: an artifact holds what the job made, not what lies around it. Sockets, devices and the like are left out.
 *
 * @throws Error beyond a limit, and for a name that an artifact can't hold
 */
export async function findFiles(
  workspace: string,
  selection: Selection,
  { maxFiles, maxBytes, keptLinks }: Options,
  signal: AbortSignal,
): Promise<FoundFile[]> {
  const root = await fs.realpath(workspace);
  const found: FoundFile[] = [];
  let bytes = 0;
  await search('');
  return inOrder(found);

  async function search(folder: string): Promise<void> {
    for (const entry of await fs.readdir(join(root, folder), { withFileTypes: true })) {
      signal.throwIfAborted();
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (selection.mayHold(path)) await search(path);
      } else if (selection.includes(path)) await take(path, entry);
    }
  }

  async function take(path: string, entry: Dirent): Promise<void> {
    if (entry.isFile()) return addFile(path);
    if (!entry.isSymbolicLink()) return;
    const link = keptLinks && (await readInnerLink(root, path));
    if (link !== undefined) await addLink(path, link);
    else if (await leadsWithin(path)) await addFile(path);
    else keptLinks?.leftOut(path);
  }

  async function addLink(path: string, link: string): Promise<void> {
    const { mtimeMs } = await fs.lstat(join(root, path));
    add({ path, bytes: 0, mode: 0o777, modified: mtimeMs, link });
  }

  async function addFile(path: string): Promise<void> {
    const file = await fs.stat(join(root, path));
    if (file.isFile()) add({ path, bytes: file.size, mode: file.mode & 0o7777, modified: file.mtimeMs });
    else keptLinks?.leftOut(path);
  }

  function add(file: FoundFile): void {
    requireName(file.path);
    found.push(file);
    bytes += file.bytes;
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

/** Not by the units of strings: those order what is beyond the first plane otherwise than its bytes are. */
function inOrder(files: readonly FoundFile[]): FoundFile[] {
  return files
    .map((file) => ({ file, bytes: Buffer.from(file.path) }))
    .sort((one, other) => one.bytes.compare(other.bytes))
    .map(({ file }) => file);
}
