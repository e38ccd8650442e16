import { open, type FileHandle } from 'node:fs/promises';
import { addAbortSignal, Readable } from 'node:stream';
import { FootmanError } from '#shared/errors';
import type { BlobContent, Range } from '../contract.ts';
import { isMissing } from './paths.ts';

/** Opens an object's file; its stream closes it. */
export async function get(path: string, range: Range | undefined, signal: AbortSignal): Promise<BlobContent> {
  signal.throwIfAborted();
  const file = await open(path).catch((cause: unknown) => {
    if (!isMissing(cause)) throw cause;
    throw new FootmanError('not-found', 'there is no such object');
  });
  try {
    return await contentOf(file, range, signal);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function contentOf(
  file: FileHandle,
  range: Range | undefined,
  signal: AbortSignal,
): Promise<BlobContent> {
  const { size } = await file.stat();
  const offset = range?.offset ?? 0;
  if (range !== undefined && offset >= size) {
    throw new FootmanError(
      'request-invalid',
      `the object has ${size} bytes, and the range starts at ${offset}`,
    );
  }
  const bytes = Math.min(range?.length ?? size, size - offset);
  if (bytes === 0) {
    await file.close();
    return { size, bytes, stream: Readable.from([]) };
  }
  const stream = file.createReadStream({ start: offset, end: offset + bytes - 1 });
  return { size, bytes, stream: addAbortSignal(signal, stream) };
}
