import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes the content at the reader's pace, holding one piece at a time, and ends the stream. */
export async function pump(
  content: AsyncIterable<Buffer | string>,
  to: Writable,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of content) {
    signal.throwIfAborted();
    if (!to.write(piece)) await once(to, 'drain', { signal });
  }
  to.end();
}
