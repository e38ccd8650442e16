import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of the file, in hexadecimal. */
export async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  // OpenSSL takes 5 ms to load: not at the agent's start, as it would where all modules are in one file.
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), hash, { signal });
  return hash.digest('hex');
}
