import type { ArtifactFile } from '#shared/protocol';
import type { Meter } from '../meter/index.ts';
import type { Cursor } from './cursor.ts';
import { pagesOf, type Pages } from './pages.ts';
import type { Place } from './place.ts';

interface Context {
  place: Place;
  meter: Meter;
}

/** More than what a tar has between the bytes of one member and the next: a longer way would be one to nowhere. */
const MEMBER_BYTES = 16 * 1024;

/**
 * Takes the files out of the tar as it comes, by the places that the controller tells of each; nothing in the tar itself is believed. Links come
 * when all files are there, so that none is written through one.
 *
 * @throws Error that names the file that is not what was promised
 */
export async function unpack(
  pages: Pages,
  tar: Cursor,
  { place, meter }: Context,
  signal: AbortSignal,
): Promise<void> {
  const { createHash } = await import('node:crypto');
  const links: { path: string; link: string }[] = [];
  let passed = 0;
  for await (const page of pagesOf(pages)) {
    for (const { file } of page.files) {
      signal.throwIfAborted();
      passed++;
      if (file.link === undefined) await takeFile(file);
      else links.push({ path: file.path, link: file.link });
    }
  }
  for (const { path, link } of links) await place.link(path, link);
  await place.checkLinks();
  meter.done(links.length);

  async function takeFile({ path, bytes, sha256, mode, offset = -1 }: ArtifactFile): Promise<void> {
    const way = offset - tar.at;
    if (way < 0 || way > passed * MEMBER_BYTES)
      throw new Error(`${path} is not where the archive has its files`);
    passed = 0;
    await tar.take(way, () => undefined);
    const hash = createHash('sha256');
    await using file = await place.open(path);
    await tar.take(bytes, async (piece) => {
      hash.update(piece);
      await file.write(piece);
    });
    if (hash.digest('hex') !== sha256) throw new Error(`${path} has not the promised SHA-256`);
    await file.keep(mode);
    meter.done(1);
  }
}
