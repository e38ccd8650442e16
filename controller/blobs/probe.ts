import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { FootmanError } from '#shared/errors';
import type { Blobs } from './contract.ts';

/** Does once what the controller does all the time; see `BlobStorage.probe`. */
export async function probe(blobs: Blobs, signal: AbortSignal): Promise<void> {
  const key = `probe/${randomUUID()}`;
  const content = Buffer.from(key);
  await blobs.put(key, content, {}, signal);
  try {
    const { stream } = await blobs.get(key, {}, signal);
    if (!content.equals(await buffer(stream))) {
      throw new FootmanError(
        'storage-refused',
        'the storage answers with something else than what was stored',
      );
    }
  } finally {
    await blobs.remove(key, signal);
  }
}
