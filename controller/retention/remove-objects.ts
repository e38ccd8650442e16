import { archiveKeyOf, artifactPrefixOf, manifestKeyOf, sumsKeyOf } from '#controller/artifacts';
import type { Blobs } from '#controller/blobs';
import { deleteUpload, filesOfArtifact, uploadsOfArtifact, type Db } from '#controller/store';

interface Task {
  db: Db;
  blobs: Blobs;
  signal: AbortSignal;
}

const AT_ONCE = 8;
const FILES_PER_PAGE = 1000;

/**
 * Removes what an artifact has in the storage: what it consists of, then what lists that, the manifest last. Whoever is killed in between has
 * its row left, and does it again.
 */
export async function removeArtifactObjects({ db, blobs, signal }: Task, artifactId: string): Promise<void> {
  for (const upload of await uploadsOfArtifact(db, artifactId)) {
    await blobs.uploads.abort({ key: upload.blob, id: upload.upload }, signal);
    await deleteUpload(db, upload);
  }
  const last = [sumsKeyOf(artifactId), manifestKeyOf(artifactId)];
  // By its rows, for a listing may lag; then by the listing, for what never came to have a row.
  await removeEach(blobs, keysOf(db, artifactId), signal);
  await removePrefix(blobs, artifactPrefixOf(artifactId), signal, last);
  for (const key of last) await blobs.remove(key, signal);
}

/** Removes all objects whose keys start so, but for some. */
export function removePrefix(
  blobs: Blobs,
  prefix: string,
  signal: AbortSignal,
  but: readonly string[] = [],
): Promise<void> {
  return removeEach(blobs, listed(), signal);

  async function* listed(): AsyncGenerator<string> {
    for await (const { key } of blobs.list(prefix, signal)) if (!but.includes(key)) yield key;
  }
}

/** A few at a time. */
export async function removeEach(
  blobs: Blobs,
  keys: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  let batch: string[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length === AT_ONCE) await flush();
  }
  await flush();

  async function flush(): Promise<void> {
    await Promise.all(batch.map((key) => blobs.remove(key, signal)));
    batch = [];
  }
}

async function* keysOf(db: Db, artifactId: string): AsyncGenerator<string> {
  yield archiveKeyOf(artifactId);
  let after: string | undefined;
  for (;;) {
    const page = await filesOfArtifact(db, artifactId, { limit: FILES_PER_PAGE, after });
    for (const { blob } of page) if (blob !== '') yield blob;
    after = page.at(-1)?.path;
    if (page.length < FILES_PER_PAGE) return;
  }
}
