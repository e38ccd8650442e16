import { join } from 'node:path';
import type { FoundFile } from './find-files.ts';
import { readSlice } from './read-slice.ts';
import { requireUnchanged } from './stored-object.ts';

type Pieces = AsyncIterable<Buffer> | Buffer[];

/** Small files that are read before their turn: waiting for each would take several times as long, and as much CPU. */
const AHEAD = 8;
const SMALL_BYTES = 256 * 1024;

/**
 * The files in their order, each with its content; none for a link.
 *
 * @throws Error that names a file which changed since it was found; of a large one, its content throws that at its end
 */
export async function* readAhead(
  found: readonly FoundFile[],
  root: string,
): AsyncGenerator<[FoundFile, Pieces | undefined]> {
  const begun: (Promise<Buffer[]> | undefined)[] = [];
  for (const [index, file] of found.entries()) {
    for (const next of found.slice(index + begun.length, index + AHEAD)) begun.push(begin(next));
    const whole = begun.shift();
    yield [file, whole === undefined ? piecesOf(file) : await whole];
  }

  function begin(file: FoundFile): Promise<Buffer[]> | undefined {
    if (file.link !== undefined || file.bytes > SMALL_BYTES) return undefined;
    const whole = Array.fromAsync(read(file));
    // Whose turn it is hears of it.
    whole.catch(() => undefined);
    return whole;
  }

  function piecesOf(file: FoundFile): Pieces | undefined {
    return file.link === undefined ? read(file) : undefined;
  }

  async function* read(file: FoundFile): AsyncGenerator<Buffer> {
    const from = join(root, file.path);
    yield* readSlice(from, 0, file.bytes);
    await requireUnchanged({ ...file, from });
  }
}
