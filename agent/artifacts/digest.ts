import { promises as fs } from 'node:fs';

const BUFFER_BYTES = 256 * 1024;

/** SHA-256 of the file, in hexadecimal. */
export async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  // OpenSSL takes 5 ms to load: not at the agent's start, as it would where all modules are in one file.
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  await using file = await fs.open(path, 'r');
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafe(Math.min(Math.max(size, 1), BUFFER_BYTES));
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    signal.throwIfAborted();
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}
