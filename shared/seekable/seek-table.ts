import {
  CHECKSUM_FLAG,
  FOOTER_BYTES,
  HEADER_BYTES,
  MAX_COMPRESSED_BYTES,
  MAX_FRAMES,
  MAX_FRAME_BYTES,
  RESERVED_BITS,
  SEEKABLE_MAGIC,
  SKIPPABLE_MAGIC,
} from './format.ts';
import { damaged, readWhole, type ReadRange } from './read-range.ts';

/** Where the frames of an object are, and what they hold. Whoever wrote it may have lied: a reader checks each frame against it. */
export interface SeekTable {
  /** Bytes that the whole object holds, uncompressed. */
  readonly bytes: number;
  /** Where each frame begins in the object, and at last where the last one ends. */
  readonly starts: Float64Array;
  /** The same for what they hold, uncompressed. */
  readonly contents: Float64Array;
}

/** Read at once from the end: the whole table of up to 8 GB in frames of a megabyte. */
const TAIL_BYTES = 64 * 1024;

/**
 * Reads the table of an object of `size` bytes: with one ranged read, or two for a very big one.
 *
 * @throws FootmanError `request-invalid` for what is no such object, or one beyond the limits; whatever `read` throws
 */
export async function readSeekTable(read: ReadRange, size: number, signal: AbortSignal): Promise<SeekTable> {
  if (size < HEADER_BYTES + FOOTER_BYTES) throw damaged('it has no table');
  const tail = await readEnd(Math.min(size, TAIL_BYTES));
  const { count, entryBytes } = readFooter(tail);
  const tableBytes = HEADER_BYTES + count * entryBytes + FOOTER_BYTES;
  if (tableBytes > size) throw damaged('its table is longer than all of it');
  const table = tableBytes > tail.length ? await readEnd(tableBytes) : tail.subarray(-tableBytes);
  if (table.readUInt32LE(0) !== SKIPPABLE_MAGIC || table.readUInt32LE(4) !== tableBytes - HEADER_BYTES)
    throw damaged('its table does not begin where it should');
  return readEntries(table, count, entryBytes, size - tableBytes);

  async function readEnd(length: number): Promise<Buffer> {
    return readWhole(read, size - length, length, signal);
  }
}

function readFooter(tail: Buffer): { count: number; entryBytes: number } {
  const footer = tail.subarray(-FOOTER_BYTES);
  if (footer.readUInt32LE(5) !== SEEKABLE_MAGIC) throw damaged('it has no table');
  const descriptor = footer.readUInt8(4);
  if ((descriptor & RESERVED_BITS) !== 0) throw damaged('its table is of an unknown kind');
  const count = footer.readUInt32LE(0);
  if (count > MAX_FRAMES) throw damaged(`it has more than ${MAX_FRAMES} frames`);
  return { count, entryBytes: (descriptor & CHECKSUM_FLAG) === 0 ? 8 : 12 };
}

function readEntries(table: Buffer, count: number, entryBytes: number, framesBytes: number): SeekTable {
  const starts = new Float64Array(count + 1);
  const contents = new Float64Array(count + 1);
  let start = 0;
  let content = 0;
  for (let index = 0; index < count; index++) {
    const compressed = table.readUInt32LE(HEADER_BYTES + index * entryBytes);
    const bytes = table.readUInt32LE(HEADER_BYTES + index * entryBytes + 4);
    if (bytes > MAX_FRAME_BYTES || compressed > MAX_COMPRESSED_BYTES) throw damaged('a frame is too big');
    start += compressed;
    content += bytes;
    starts[index + 1] = start;
    contents[index + 1] = content;
  }
  if (start !== framesBytes) throw damaged('its frames are not as long as its table says');
  return { bytes: content, starts, contents };
}
