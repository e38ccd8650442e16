import { promisify } from 'node:util';
import { MAX_WINDOW_LOG } from './format.ts';
import { damaged, readWhole, type ReadRange } from './read-range.ts';
import type { SeekTable } from './seek-table.ts';

/** Compressed bytes that are read at once, and kept: whoever takes them may be slow, and no storage waits for ever. */
const READ_BYTES = 4 * 1024 * 1024;

interface Group {
  first: number;
  /** The one behind the last. */
  end: number;
}

/**
 * The uncompressed bytes from `from` up to, and without, `to`, both cut to what there is. It reads only the frames that hold them, some
 * megabytes at a time.
 *
 * @throws FootmanError `request-invalid` for a frame that is not what the table says; whatever `read` throws
 */
export async function* readBetween(
  table: SeekTable,
  from: number,
  to: number,
  read: ReadRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const end = Math.min(to, table.bytes);
  const begin = Math.max(from, 0);
  if (begin >= end) return;
  for (const { first, end: last } of groups(table, frameOf(table, begin), end)) {
    const offset = startOf(table, first);
    const compressed = await readWhole(read, offset, startOf(table, last) - offset, signal);
    for (let frame = first; frame < last; frame++) {
      const piece = compressed.subarray(startOf(table, frame) - offset, startOf(table, frame + 1) - offset);
      const content = contentOf(table, frame);
      const bytes = await decompress(piece, contentOf(table, frame + 1) - content);
      signal.throwIfAborted();
      const wanted = bytes.subarray(Math.max(begin - content, 0), end - content);
      if (wanted.length > 0) yield wanted;
    }
  }
}

/** From the frame on up to the one that holds the last byte before `end`. */
function* groups(table: SeekTable, frame: number, end: number): Generator<Group> {
  while (contentOf(table, frame) < end) {
    const first = frame;
    const offset = startOf(table, first);
    do frame++;
    while (
      frame < table.starts.length - 1 &&
      contentOf(table, frame) < end &&
      startOf(table, frame + 1) - offset <= READ_BYTES
    );
    yield { first, end: frame };
    if (frame === table.starts.length - 1) return;
  }
}

/** The last frame that begins at the offset or before it: those that hold nothing are passed over. */
function frameOf(table: SeekTable, offset: number): number {
  let low = 0;
  let high = table.contents.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (contentOf(table, middle) <= offset) low = middle;
    else high = middle;
  }
  return low;
}

async function decompress(frame: Buffer, bytes: number): Promise<Buffer> {
  const { constants, zstdDecompress } = await import('node:zlib');
  const params = { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };
  // A frame that holds nothing may have no output at all, and a limit of zero is none.
  const content = await promisify(zstdDecompress)(frame, { params, maxOutputLength: bytes + 1 }).catch(
    (error: unknown) => {
      throw damaged('a frame is not what its table says', error);
    },
  );
  if (content.length !== bytes) throw damaged('a frame does not hold as much as its table says');
  return content;
}

function startOf(table: SeekTable, frame: number): number {
  return table.starts[frame] ?? 0;
}

function contentOf(table: SeekTable, frame: number): number {
  return table.contents[frame] ?? 0;
}
