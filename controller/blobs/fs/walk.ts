import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobInfo } from '../contract.ts';
import { nothingIfMissing, partOf } from './paths.ts';

/** One thing in a folder, under the name that puts it in the order of keys: a folder's keys go on with a slash. */
interface Entry {
  name: string;
  path: string;
  isFolder: boolean;
}

/**
 * The objects below `folder` whose names start with `start`, in the order of their keys. Holds the names of one folder for each level
 * of depth.
 */
export async function* walk(
  folder: string,
  parentKey: string,
  start: string,
  signal: AbortSignal,
): AsyncGenerator<BlobInfo> {
  for (const { name, path, isFolder } of await entriesOf(folder, start)) {
    signal.throwIfAborted();
    if (isFolder) {
      yield* walk(path, parentKey + name, '', signal);
      continue;
    }
    const found = await stat(path).catch(nothingIfMissing);
    if (found !== undefined) yield { key: parentKey + name, bytes: found.size };
  }
}

async function entriesOf(folder: string, start: string): Promise<Entry[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(nothingIfMissing);
  return (found ?? [])
    .map((entry) => entryOf(folder, entry))
    .filter((entry) => entry !== undefined)
    .filter(({ name }) => name.startsWith(start))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function entryOf(folder: string, found: Dirent): Entry | undefined {
  const path = join(folder, found.name);
  if (found.isDirectory()) return { name: `${found.name}/`, path, isFolder: true };
  const part = partOf(found.name);
  return part === undefined ? undefined : { name: part, path, isFolder: false };
}
