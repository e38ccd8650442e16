import type { BlobInfo, Blobs, OpenUpload } from '#controller/blobs';
import { isOpenUpload, type Db } from '#controller/store';
import { keysWithoutRows, PREFIXES } from './living.ts';

const BATCH = 500;

/**
 * Every object of Footman's that no row has, as the storage lists them now. One that is just being made is among them: whoever removes any waits,
 * and looks again. `count` is told of every object.
 */
export async function* findOrphans(
  db: Db,
  blobs: Blobs,
  signal: AbortSignal,
  count: (kind: string, bytes: number) => void = () => undefined,
): AsyncGenerator<BlobInfo> {
  for (const prefix of PREFIXES) {
    let batch: BlobInfo[] = [];
    for await (const info of blobs.list(prefix, signal)) {
      count(prefix.slice(0, -1), info.bytes);
      batch.push(info);
      if (batch.length < BATCH) continue;
      yield* await without(batch);
      batch = [];
    }
    yield* await without(batch);
  }

  async function without(batch: readonly BlobInfo[]): Promise<BlobInfo[]> {
    if (batch.length === 0) return [];
    const keys = batch.map(({ key }) => key);
    const orphans = new Set(await keysWithoutRows(db, keys));
    return batch.filter(({ key }) => orphans.has(key));
  }
}

/** Uploads in parts that were begun and that nobody goes on with, as far as rows tell. */
export async function* findOpenUploads(
  db: Db,
  blobs: Blobs,
  signal: AbortSignal,
): AsyncGenerator<OpenUpload> {
  for (const prefix of PREFIXES)
    for await (const upload of blobs.uploads.list(prefix, signal))
      if (!(await isOpenUpload(db, upload.id))) yield upload;
}
