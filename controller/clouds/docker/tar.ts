import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';

/** A folder's files and folders as a tar, owned by root, with their modes. */
export function tarOfFolder(folder: string): Readable {
  const tar = pack();
  writeFolder(tar, folder).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return readable(tar);
}

/** A tar of one empty file. */
export function tarOfMarker(name: string): Readable {
  const tar = pack();
  tar.entry({ name, mode: 0o444 }, '');
  tar.finalize();
  return readable(tar);
}

/** A tar of one empty folder that every user may write to. */
export function tarOfSharedFolder(name: string): Readable {
  const tar = pack();
  tar.entry({ name, type: 'directory', mode: 0o777 });
  tar.finalize();
  return readable(tar);
}

export function emptyTar(): Readable {
  const tar = pack();
  tar.finalize();
  return readable(tar);
}

async function writeFolder(tar: Pack, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    const { mode, size } = await stat(path);
    if (entry.isDirectory()) tar.entry({ name, type: 'directory', mode: mode & 0o777 });
    else await pipeline(createReadStream(path), tar.entry({ name, size, mode: mode & 0o777 }));
  }
}

/** tar-stream brings streams of its own. */
function readable(tar: Pack): Readable {
  return Readable.from(tar);
}
