import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Blobs } from '#controller/blobs';
import type { CloudImages } from '#controller/clouds';
import type { ImageVersion } from '#controller/store';

/** An image as one file in the blob store. */
export interface ExportedFile {
  blob: string;
  bytes: number;
  /** In lower-case hexadecimal. */
  sha256: string;
  fileName: string;
}

/** The file's digest stands beside it under its name and this, as `sha256sum` writes it, and comes last: what has one is whole. */
const DIGEST_SUFFIX = '.sha256';

/** What an earlier export left, if it came to its end. */
export async function findExport(
  blobs: Blobs,
  { id }: ImageVersion,
  signal: AbortSignal,
): Promise<ExportedFile | undefined> {
  for await (const { key } of blobs.list(folderOf(id), signal)) {
    if (!key.endsWith(DIGEST_SUFFIX)) continue;
    const blob = key.slice(0, -DIGEST_SUFFIX.length);
    const file = await blobs.head(blob, signal);
    if (file === undefined) continue;
    const { stream } = await blobs.get(key, {}, signal);
    const [sha256 = ''] = (await text(stream)).split(' ');
    return { blob, bytes: file.bytes, sha256, fileName: blob.slice(folderOf(id).length) };
  }
  return undefined;
}

/** Brings the image into the store, in the place of what is there. Never holds more of it in memory than what is on its way. */
export async function storeExport(
  blobs: Blobs,
  images: CloudImages,
  { id, name }: ImageVersion,
  signal: AbortSignal,
): Promise<ExportedFile> {
  await removeExports(blobs, id, signal);
  const { content, suffix } = await images.export(name, signal);
  try {
    const fileName = `${name}${suffix}`;
    const blob = `${folderOf(id)}${fileName}`;
    const hash = createHash('sha256');
    const { bytes } = await blobs.put(blob, hashed(content), {}, signal);
    const sha256 = hash.digest('hex');
    await blobs.put(`${blob}${DIGEST_SUFFIX}`, Buffer.from(`${sha256}  ${fileName}\n`), {}, signal);
    return { blob, bytes, sha256, fileName };

    async function* hashed(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
      for await (const piece of pieces) {
        hash.update(piece);
        yield piece;
      }
    }
  } finally {
    content.destroy();
  }
}

/** A file never outlives its version. */
export async function removeExports(blobs: Blobs, id: string, signal: AbortSignal): Promise<void> {
  const keys = (await Array.fromAsync(blobs.list(folderOf(id), signal))).map(({ key }) => key);
  // Digests first: a file alone is taken for half.
  for (const key of keys.toSorted((a, b) => Number(isDigest(b)) - Number(isDigest(a))))
    await blobs.remove(key, signal);
}

function isDigest(key: string): boolean {
  return key.endsWith(DIGEST_SUFFIX);
}

function folderOf(id: string): string {
  return `images/${id}/`;
}
