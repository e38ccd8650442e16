import { Readable } from 'node:stream';
import { FootmanError } from '#shared/errors';
import type { BlobContent, BlobInfo, Range } from './contract.ts';

/** The `Range` header for a part of at least one byte. */
export function rangeHeader({ offset, length }: Range): string {
  return `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`;
}

/** The size of the whole object, by a `Content-Range` header; undefined without one: an empty object has no ranges. */
export function sizeIn(contentRange: string | undefined): number | undefined {
  const [, size] = /^bytes \d+-\d+\/(\d+)$/.exec(contentRange ?? '') ?? [];
  return size === undefined ? undefined : Number(size);
}

/** The part of no bytes, which no header can ask for. @throws FootmanError `not-found`, `request-invalid` as for others */
export function emptyRange(range: Range, info: BlobInfo | undefined): BlobContent {
  if (info === undefined) throw new FootmanError('not-found', 'there is no such object');
  if (range.offset >= info.bytes) throw missesObject(range);
  return { size: info.bytes, bytes: 0, stream: Readable.from([]) };
}

export function missesObject(range: Range | undefined): FootmanError {
  return new FootmanError(
    'request-invalid',
    `the range starts at ${range?.offset ?? 0}, behind the object's last byte`,
  );
}
