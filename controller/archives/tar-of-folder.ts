import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';

/** One for all, so that the same files make the same archive. */
const MADE = new Date(Date.UTC(2020, 0, 1));

/** A folder's files and folders as a tar, owned by root, with their modes. */
export function tarOfFolder(folder: string): Readable {
  const tar = pack();
  writeFolder(tar, folder).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return readableOf(tar);
}

/** tar-stream brings streams of its own. */
export function readableOf(tar: Pack): Readable {
  return Readable.from(tar);
}

async function writeFolder(tar: Pack, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode, size } = await stat(path);
    const header = { name: relative(folder, path), mode: mode & 0o777, mtime: MADE };
    if (entry.isDirectory()) tar.entry({ ...header, type: 'directory' });
    else await pipeline(createReadStream(path), tar.entry({ ...header, size }));
  }
}
