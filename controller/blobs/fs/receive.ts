import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { FootmanError } from '#shared/errors';
import type { Expected } from '../contract.ts';
import { abortable } from './abortable.ts';

/**
 * Writes content to a new file and checks it on the way; resolves with its size once the disk has it.
 *
 * @throws FootmanError `too-large`, `request-invalid` where it isn't what was expected.
 */
export async function receive(
  path: string,
  content: Buffer | AsyncIterable<Uint8Array>,
  expected: Expected,
  signal: AbortSignal,
): Promise<number> {
  const file = await open(path, 'wx');
  try {
    return await fill(file, content, expected, signal);
  } finally {
    await file.close();
  }
}

async function fill(
  file: FileHandle,
  content: Buffer | AsyncIterable<Uint8Array>,
  expected: Expected,
  signal: AbortSignal,
): Promise<number> {
  const limit = expected.bytes ?? Number.POSITIVE_INFINITY;
  const hash = expected.sha256 === undefined ? undefined : createHash('sha256');
  let bytes = 0;

  const pieces = content instanceof Uint8Array ? [content] : abortable(content, signal);
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > limit) throw new FootmanError('too-large', `the object has more than its ${limit} bytes`);
    hash?.update(piece);
    await writeFully(file, piece);
  }
  if (expected.bytes !== undefined && bytes !== expected.bytes) {
    throw new FootmanError('request-invalid', `the object has ${bytes} bytes instead of ${expected.bytes}`);
  }
  if (hash !== undefined && hash.digest('hex') !== expected.sha256) {
    throw new FootmanError('request-invalid', 'the object does not have the expected SHA-256 digest');
  }
  await file.datasync();
  return bytes;
}

async function writeFully(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let written = 0; written < piece.length;) {
    const { bytesWritten } = await file.write(piece, written);
    written += bytesWritten;
  }
}
