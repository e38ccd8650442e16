import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
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
  const unread = new AbortController();
  tar.once('close', () => unread.abort(new Error('nobody reads the tar any more')));
  copy(content, { tar, tag, signal: unread.signal })
    .then(
      () => tar.finalize(),
      (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(messageOf(error))),
    )
    .finally(() => content.destroy());
  return readableOf(tar);
}

interface Target {
  tar: Pack;
  tag: string;
  signal: AbortSignal;
}

async function copy(content: Readable, target: Target): Promise<void> {
  const entries = extract();
  let lost: Error | undefined;
  content.once('error', (error) => {
    // Where the entries broke first, that is why the content does.
    if (!entries.destroyed) lost = error;
  });
  // What goes wrong with it shows in the entries.
  pipeline(content, entries as unknown as Writable).catch(() => undefined);
  try {
    if (!(await copyEntries(entries, target))) throw noImage(`it has no ${MANIFEST}`);
  } catch (cause) {
    if (lost !== undefined) throw lost;
    throw cause instanceof FootmanError ? cause : noImage(messageOf(cause), cause);
  }
}

/** Whether there was a manifest. */
async function copyEntries(entries: Extract, { tar, tag, signal }: Target): Promise<boolean> {
  let hasManifest = false;
  for await (const entry of entries) {
    const { name } = entry.header;
    if (OTHER_NAMES.has(name)) entry.resume();
    else if (name === MANIFEST) {
      tar.entry({ name }, await manifestWithTag(entry, tag));
      hasManifest = true;
    } else await copyEntry(entry, tar, signal);
  }
  return hasManifest;
}

async function copyEntry(entry: Entry, tar: Pack, signal: AbortSignal): Promise<void> {
  const sink = tar.entry(entry.header);
  // It breaks with the tar, which says why.
  sink.on('error', () => undefined);
  for await (const bytes of entry as AsyncIterable<Buffer>) {
    if (!sink.write(bytes)) await once(sink as unknown as Writable, 'drain', { signal });
  }
  sink.end(null);
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
