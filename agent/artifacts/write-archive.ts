import { promises as fs } from 'node:fs';
import type { ArtifactFile } from '#shared/protocol';
import { createSeekableWriter } from '#shared/seekable';
import type { FoundFile } from './find-files.ts';
import { nameLink } from './name-file.ts';
import { readAhead } from './read-ahead.ts';
import { padding, tarEnd, tarHeader } from './tar-header.ts';

/** A file in the agent's own folder that holds all files of an artifact. */
export interface Archive {
  bytes: number;
  sha256: string;
  modified: number;
  /** What is in it, with the digests and places of all. */
  files: ArtifactFile[];
}

interface Options {
  /** What the files' paths are relative to. */
  root: string;
  /** Where it is written. */
  to: string;
  /** Called for each file that is in it. */
  packed(): void;
}

/** What reading one file out of it costs, and what a fast machine compresses in some milliseconds. */
const FRAMES = { frameBytes: 1024 * 1024, level: 3 };

/**
 * Writes a tar of the files, compressed so that each can be read without the others.
 *
 * @throws Error that names the file that changed meanwhile
 */
export async function writeArchive(
  found: readonly FoundFile[],
  { root, to, packed }: Options,
  signal: AbortSignal,
): Promise<Archive> {
  const { createHash } = await import('node:crypto');
  const whole = createHash('sha256');
  await using file = await fs.open(to, 'w', 0o600);
  const writer = createSeekableWriter(async (piece) => {
    whole.update(piece);
    await file.writeFile(piece);
  }, FRAMES);
  const files: ArtifactFile[] = [];
  for await (const [member, content] of readAhead(found, root)) {
    signal.throwIfAborted();
    await writer.write(tarHeader(member));
    files.push(
      content === undefined ? nameLink(member.path, member.link ?? '') : await pack(member, content),
    );
    packed();
  }
  await writer.write(tarEnd());
  const bytes = await writer.end();
  const { mtimeMs } = await file.stat();
  return { bytes, sha256: whole.digest('hex'), modified: mtimeMs, files };

  async function pack(
    { path, bytes, mode }: FoundFile,
    content: AsyncIterable<Buffer> | Buffer[],
  ): Promise<ArtifactFile> {
    const hash = createHash('sha256');
    const offset = writer.bytes;
    for await (const piece of content) {
      signal.throwIfAborted();
      hash.update(piece);
      await writer.write(piece);
    }
    await writer.write(padding(bytes));
    return { path, bytes, sha256: hash.digest('hex'), mode, offset };
  }
}
