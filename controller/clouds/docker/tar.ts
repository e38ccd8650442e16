import type { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { readableOf } from '#controller/archives';

/** A tar of one empty file. */
export function tarOfMarker(name: string): Readable {
  const tar = pack();
  tar.entry({ name, mode: 0o444 }, '');
  tar.finalize();
  return readableOf(tar);
}

/** A tar of one empty folder that every user may write to. */
export function tarOfSharedFolder(name: string): Readable {
  const tar = pack();
  tar.entry({ name, type: 'directory', mode: 0o777 });
  tar.finalize();
  return readableOf(tar);
}

export function emptyTar(): Readable {
  const tar = pack();
  tar.finalize();
  return readableOf(tar);
}
