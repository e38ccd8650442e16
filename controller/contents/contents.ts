import type { Readable } from 'node:stream';
import type { Blobs } from '#controller/blobs';
import type { Artifact, Db, StoredFile } from '#controller/store';
import { checked } from './checked.ts';
import { createMembers } from './members.ts';
import { openObject, type Content, type Range } from './objects.ts';
import { tarOf } from './tar.ts';

export interface Contents {
  /** A file, or a range in it. The last piece of a whole file comes only if it is what was stored. */
  file(artifact: Artifact, file: StoredFile, range: Range | undefined, signal: AbortSignal): Promise<Content>;
  /** The same of the archive that the artifact was stored as. */
  archive(archive: StoredArchive, range: Range | undefined, signal: AbortSignal): Promise<Content>;
  /** All files of an artifact as a tar that is made while it is read, with modes and links. */
  tar(artifact: Artifact, signal: AbortSignal): Readable;
}

/** The one object of an artifact that was stored as an archive. */
export interface StoredArchive {
  blob: string;
  name: string;
  bytes: number;
  sha256: string;
}

interface Deps {
  db: Db;
  blobs: Pick<Blobs, 'get' | 'head'>;
}

export function createContents({ db, blobs }: Deps): Contents {
  const members = createMembers(blobs);
  return {
    file,
    archive: (archive, range, signal) => openObject(blobs, archive, range, signal),
    tar: (artifact, signal) => tarOf({ db, open: file }, artifact, signal),
  };

  async function file(
    { archive }: Artifact,
    { path, blob, bytes, sha256, tar_offset: begin }: StoredFile,
    range: Range | undefined,
    signal: AbortSignal,
  ): Promise<Content> {
    const expected = { name: path, bytes, sha256 };
    if (archive === null || begin === null) return openObject(blobs, { blob, ...expected }, range, signal);
    const { offset, length } = range ?? { offset: 0, length: bytes };
    const pieces = members.read(archive, { offset: begin + offset, length }, signal);
    return { bytes: length, pieces: range === undefined ? checked(pieces, expected) : pieces };
  }
}
