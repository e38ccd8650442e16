import type { Journal } from '#controller/events';
import { freshVersion, nextNumber, promote } from '#controller/images';
import { insertVersion, patchStream, type ImageVersion, type StreamId } from '#controller/store';

/** A version as if it had been captured, and verified unless the row says otherwise; the newest of its stream, which is made if missing. */
export function putVersion(
  journal: Journal,
  { name, cloud }: StreamId,
  row: Partial<ImageVersion> = {},
): Promise<ImageVersion> {
  return journal.commit(async (tx) => {
    const number = await nextNumber(tx, { name, cloud }, { keep: 3, refreshAfterMs: null });
    const version: ImageVersion = {
      ...freshVersion(tx, { name, cloud }, number),
      template: 'small',
      state: 'ready',
      image: `image-of-${name}-${number}`,
      bytes: 1024,
      digest: 'sha256:0',
      captured_at: tx.at,
      ready_at: tx.at,
      ...row,
    };
    await insertVersion(tx.db, version);
    return version;
  });
}

/** The same, and nodes get it. */
export async function putCurrent(
  journal: Journal,
  stream: StreamId,
  row: Partial<ImageVersion> = {},
): Promise<ImageVersion> {
  const version = await putVersion(journal, stream, row);
  await journal.commit((tx) => promote(tx, version.id));
  return version;
}

/** A prepared image that was made and never used, under what people call it. */
export async function putPrepared(
  journal: Journal,
  { digest, title, cloud }: { digest: string; title: string; cloud: string },
): Promise<ImageVersion> {
  const stream = { name: `prepared/${digest}`, cloud };
  const version = await putCurrent(journal, stream);
  const hour = 60 * 60_000;
  await journal.commit((tx) => patchStream(tx.db, stream, { title, ttl_ms: hour, max_stale_ms: hour }));
  return version;
}
