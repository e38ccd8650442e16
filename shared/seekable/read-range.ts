import { FootmanError } from '#shared/errors';

/** Reads so many bytes of the compressed object from the offset on. What is left of it is closed when nobody reads on. */
export type ReadRange = (offset: number, length: number, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/**
 * The range in one piece.
 *
 * @throws FootmanError `request-invalid` where other than so many bytes come; whatever `read` throws
 */
export async function readWhole(
  read: ReadRange,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(length);
  let filled = 0;
  for await (const piece of read(offset, length, signal)) {
    signal.throwIfAborted();
    if (filled + piece.length > length) throw damaged('more bytes came than were asked for');
    whole.set(piece, filled);
    filled += piece.length;
  }
  if (filled < length) throw damaged('it ends before its end');
  return whole;
}

/** The object is not what it should be. */
export function damaged(why: string, cause?: unknown): FootmanError {
  return new FootmanError('request-invalid', `the compressed object can not be read: ${why}`, { cause });
}
