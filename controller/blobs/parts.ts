import { FootmanError } from '#shared/errors';
import type { BlobLimits, UploadShape } from './contract.ts';

/** How many parts an upload of this shape has. */
export function partCount({ bytes, partBytes }: UploadShape): number {
  return Math.ceil(bytes / partBytes);
}

/** @throws FootmanError `request-invalid` for a part that an upload of this shape doesn't have */
export function partSize(shape: UploadShape, part: number): number {
  const count = partCount(shape);
  if (!Number.isInteger(part) || part < 1 || part > count) {
    throw new FootmanError('request-invalid', `the upload has parts 1 to ${count}, and no part ${part}`);
  }
  return Math.min(shape.partBytes, shape.bytes - (part - 1) * shape.partBytes);
}

/** @throws FootmanError `request-invalid` for a shape that the storage can't take */
export function checkShape(shape: UploadShape, limits: BlobLimits): void {
  const { bytes, partBytes } = shape;
  const parts = partCount(shape);
  if (
    bytes >= 1 &&
    partBytes >= limits.leastPartBytes &&
    partBytes <= limits.mostPartBytes &&
    parts <= limits.parts
  )
    return;
  throw new FootmanError(
    'request-invalid',
    `the storage takes 1 to ${limits.parts} parts of ${limits.leastPartBytes} to ${limits.mostPartBytes} bytes, not ${bytes} bytes in parts of ${partBytes}`,
  );
}
