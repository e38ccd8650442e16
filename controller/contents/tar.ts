import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { readableOf } from '#controller/archives';
import type { Artifact, Db, StoredFile } from '#controller/store';
import type { Content } from './objects.ts';
import { pagesOfFiles } from './pages.ts';

interface Deps {
  db: Db;
  open(artifact: Artifact, file: StoredFile, range: undefined, signal: AbortSignal): Promise<Content>;
}

/** All files of an artifact as a tar. It is made at its reader's pace, and breaks off where a file can't be read. */
export function tarOf(deps: Deps, artifact: Artifact, signal: AbortSignal): Readable {
  const tar = pack();
  writeFiles(tar, deps, artifact, signal).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return readableOf(tar);
}

async function writeFiles(
  tar: Pack,
  { db, open }: Deps,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<void> {
  const mtime = new Date(artifact.finished_at ?? artifact.created_at);
  for await (const page of pagesOfFiles(db, artifact.id)) {
    for (const file of page) {
      signal.throwIfAborted();
      const header = { name: file.path, mode: file.mode & 0o777, mtime };
      if (file.link !== null) {
        tar.entry({ ...header, type: 'symlink', linkname: file.link });
        continue;
      }
      const { pieces } = await open(artifact, file, undefined, signal);
      await pipeline(Readable.from(pieces), tar.entry({ ...header, size: file.bytes }), { signal });
    }
  }
}
