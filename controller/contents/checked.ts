import { createHash } from 'node:crypto';
import { FootmanError } from '#shared/errors';

/**
 * The content, whose last piece comes only when all of it turned out to be what was stored: whoever counts bytes never takes other content
 * for the file.
 *
 * @throws FootmanError `storage-refused`
 */
export async function* checked(
  content: AsyncIterable<Buffer>,
  { name, sha256 }: { name: string; sha256: string },
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  for await (const piece of content) {
    if (held !== undefined) yield held;
    hash.update(piece);
    held = piece;
  }
  if (hash.digest('hex') !== sha256) {
    throw new FootmanError('storage-refused', `the storage has other content under ${name} than was stored`);
  }
  if (held !== undefined) yield held;
}
