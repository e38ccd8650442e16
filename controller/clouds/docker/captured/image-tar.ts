import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack, type Extract, type Pack } from 'tar-stream';
import { z } from 'zod';
import { readableOf } from '#controller/archives';
import { FootmanError, messageOf } from '#shared/errors';

/** One file of a tar that is read. */
type Entry = Extract extends AsyncIterable<infer E> ? E : never;

const MANIFEST = 'manifest.json';
/** They may name images, too: an engine does without them. */
const OTHER_NAMES = new Set(['repositories', 'index.json', 'oci-layout']);

const Manifest = z.tuple([z.looseObject({ Config: z.string(), Layers: z.array(z.string()) })]);

/**
 * The tar of one image, as an engine saves it, with this tag and no other: so that whatever the file says, loading it touches no image of
 * anybody else's. It breaks with `cloud-refused` where the content is no such tar.
 */
export function withTag(content: Readable, tag: string): Readable {
  const tar = pack();
  copy(content, tar, tag).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(messageOf(error))),
  );
  return readableOf(tar);
}

async function copy(content: Readable, tar: Pack, tag: string): Promise<void> {
  let hasManifest = false;
  const entries = extract();
  const reading = pipeline(content, entries);
  // What goes wrong with it shows in the entries.
  reading.catch(() => undefined);
  try {
    for await (const entry of entries) {
      const { name } = entry.header;
      if (OTHER_NAMES.has(name)) entry.resume();
      else if (name === MANIFEST) {
        tar.entry({ name }, await manifestWithTag(entry, tag));
        hasManifest = true;
      } else await copyEntry(entry, tar);
    }
    await reading;
  } catch (cause) {
    if (cause instanceof FootmanError) throw cause;
    throw noImage(messageOf(cause), cause);
  }
  if (!hasManifest) throw noImage(`it has no ${MANIFEST}`);
}

async function copyEntry(entry: Entry, tar: Pack): Promise<void> {
  const { header } = entry;
  if (header.type === 'file' || header.type === 'contiguous-file') {
    await pipeline(entry, tar.entry(header));
  } else {
    entry.resume();
    tar.entry(header);
  }
}

async function manifestWithTag(entry: Entry, tag: string): Promise<string> {
  const text = Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Buffer>)).toString();
  const manifest = Manifest.safeParse(JSON.parse(text));
  if (!manifest.success) throw noImage(`its ${MANIFEST} is not that of one image`, manifest.error);
  const [image] = manifest.data;
  return JSON.stringify([{ ...image, RepoTags: [tag] }]);
}

export function noImage(why: string, cause?: unknown): FootmanError {
  return new FootmanError('cloud-refused', `the file is not an image of the Docker Engine: ${why}`, {
    cause,
  });
}
