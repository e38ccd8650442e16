import type { Blobs } from '#controller/blobs';
import { mapConcurrently } from '#shared/concurrently';

interface Expected {
  key: string;
  bytes: number;
}

interface Options {
  blobs: Pick<Blobs, 'head' | 'list'>;
  /** What the keys start with. */
  prefix: string;
}

/** Questions to the storage at a time. */
const AT_ONCE = 16;
/** Of more objects than that, a listing tells with one question for a thousand of them. */
const FEW = 32;

/**
 * The first of the objects that the storage does not have with this size; undefined where it has all.
 *
 * @throws FootmanError `storage-unavailable`, `storage-refused`; the signal's reason
 */
export async function findMissing<T extends Expected>(
  objects: readonly T[],
  { blobs, prefix }: Options,
  signal: AbortSignal,
): Promise<T | undefined> {
  const listed = new Map<string, number>();
  if (objects.length > FEW)
    for await (const { key, bytes } of blobs.list(prefix, signal)) listed.set(key, bytes);
  // A listing may lag behind: what it lacks may be there all the same.
  const open = objects.filter(({ key, bytes }) => listed.get(key) !== bytes);
  const found = await mapConcurrently(
    open,
    AT_ONCE,
    async ({ key, bytes }) => (await blobs.head(key, signal))?.bytes === bytes,
  );
  return open.find((_, index) => found[index] !== true);
}
