import type { Blobs } from '#controller/blobs';
import { createShelf } from '#controller/shelf';
import { readBetween, readSeekTable, type ReadRange, type SeekTable } from '#shared/seekable';
import { FootmanError } from '#shared/errors';
import { headOf, piecesOf, type Range } from './objects.ts';

/** Reads out of archives, which agents made: what they say of themselves is checked. */
export interface Members {
  /**
   * A range of what the archive unpacks to, by reading those of its frames that have it.
   *
   * @throws FootmanError `storage-refused` for an archive that is damaged, in the middle of the range too
   */
  read(archive: string, range: Range, signal: AbortSignal): AsyncGenerator<Buffer, void>;
}

/** Frames that are remembered, of all tables together: whoever reads one file of an archive reads the next one soon. They take 16 bytes each. */
const MOST_FRAMES = 1024 * 1024;

export function createMembers(blobs: Pick<Blobs, 'get' | 'head'>): Members {
  const tables = createShelf<SeekTable>(MOST_FRAMES, ({ starts }) => starts.length);
  return { read };

  async function* read(
    blob: string,
    { offset, length }: Range,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void> {
    const from: ReadRange = (at, count, during) => readRange(blobs, blob, at, count, during);
    let given = 0;
    try {
      const table = await tableOf(blob, from, signal);
      for await (const piece of readBetween(table, offset, offset + length, from, signal)) {
        given += piece.length;
        yield piece;
      }
    } catch (error) {
      if (!(error instanceof FootmanError) || error.code !== 'request-invalid') throw error;
      throw new FootmanError('storage-refused', error.message, { cause: error });
    }
    if (given < length) throw new FootmanError('storage-refused', `${blob} ends before the file in it does`);
  }

  /** An object never changes under its key. */
  async function tableOf(blob: string, from: ReadRange, signal: AbortSignal): Promise<SeekTable> {
    const known = tables.take(blob);
    if (known !== undefined) return known;
    const { bytes } = await headOf(blobs, blob, signal);
    const table = await readSeekTable(from, bytes, signal);
    tables.put(blob, table);
    return table;
  }
}

async function* readRange(
  blobs: Pick<Blobs, 'get'>,
  blob: string,
  offset: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const { stream } = await blobs.get(blob, { range: { offset, length } }, signal);
  yield* piecesOf(stream);
}
