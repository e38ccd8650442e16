import type { Readable } from 'node:stream';
import type { Blobs } from '#controller/blobs';
import { FootmanError } from '#shared/errors';
import { checked } from './checked.ts';

export interface Range {
  offset: number;
  length: number;
}

/** Bytes on their way: to be read to their end, or given up by `return`. */
export interface Content {
  bytes: number;
  pieces: AsyncGenerator<Buffer, void>;
}

/**
 * What is an object of its own, or a range of it. Whole objects are checked while they are read; of a range nobody knows a digest. An object of
 * another size is not sent at all: bytes beyond those that an answer has announced would be taken for the next answer.
 *
 * @throws FootmanError `storage-refused`
 */
export async function openObject(
  blobs: Pick<Blobs, 'get'>,
  { blob, name, bytes: expected, sha256 }: { blob: string; name: string; bytes: number; sha256: string },
  range: Range | undefined,
  signal: AbortSignal,
): Promise<Content> {
  const { stream, size, bytes } = await blobs.get(blob, range === undefined ? {} : { range }, signal);
  if (size !== expected || bytes !== (range?.length ?? expected)) {
    stream.destroy();
    throw new FootmanError('storage-refused', `the storage has other content under ${name} than was stored`);
  }
  const pieces = piecesOf(stream);
  return { bytes, pieces: range === undefined ? checked(pieces, { name, sha256 }) : pieces };
}

/**
 * What the storage says of an object that a row has.
 *
 * @throws FootmanError `not-found` where it is gone
 */
export async function headOf(
  blobs: Pick<Blobs, 'head'>,
  blob: string,
  signal: AbortSignal,
): Promise<{ bytes: number }> {
  const info = await blobs.head(blob, signal);
  if (info === undefined) throw new FootmanError('not-found', `${blob} is not in the storage any more`);
  return info;
}

export async function* piecesOf(stream: Readable): AsyncGenerator<Buffer, void> {
  try {
    yield* stream as AsyncIterable<Buffer>;
  } finally {
    stream.destroy();
  }
}
