import { json } from 'node:stream/consumers';
import type { Blobs } from '#controller/blobs';
import { FootmanError } from '#shared/errors';

/** The object that says whose the storage is. */
export const OWNER_KEY = 'footman.json';

/**
 * Whose the storage is: the id of a controller, or null where nobody has said. An object of that name that says something else is somebody's,
 * too.
 */
export async function ownerOf(blobs: Blobs, signal: AbortSignal): Promise<string | null> {
  if ((await blobs.head(OWNER_KEY, signal)) === undefined) return null;
  const { stream } = await blobs.get(OWNER_KEY, {}, signal);
  try {
    const text: unknown = await json(stream);
    return typeof text === 'object' && text !== null && 'controller' in text
      ? String(text.controller)
      : 'unknown';
  } catch (error) {
    if (error instanceof SyntaxError) return 'unknown';
    throw error;
  }
}

/**
 * Makes sure that the storage is this controller's: rows of others are not in its store, so that all of theirs would look like nobody's. The first
 * one that asks for a storage has it.
 *
 * @throws FootmanError `conflict` where it is another one's
 */
export async function claimStorage(blobs: Blobs, controllerId: string, signal: AbortSignal): Promise<void> {
  if ((await ownerOf(blobs, signal)) === null) {
    const text = `${JSON.stringify({ controller: controllerId })}\n`;
    await blobs.put(OWNER_KEY, Buffer.from(text), {}, signal);
  }
  // Two may have written at once: one of them is the last.
  await requireOwn(blobs, controllerId, signal);
}

/** @throws FootmanError `conflict` where the storage is another controller's */
export async function requireOwn(blobs: Blobs, controllerId: string, signal: AbortSignal): Promise<void> {
  const owner = await ownerOf(blobs, signal);
  if (owner === null || owner === controllerId) return;
  throw new FootmanError('conflict', `the storage is that of another controller, ${owner}`, {
    hint: `give this one a bucket, a container or a prefix of its own; if its store was made anew, remove ${OWNER_KEY} there`,
  });
}
