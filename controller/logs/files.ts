import { open, type FileHandle } from 'node:fs/promises';
import { READ_CHUNK_BYTES } from './limits.ts';

/** Opens a file for reading; undefined where there is none. */
export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes everything, however often the system takes only a part. */
export async function writeFully(file: FileHandle, buffers: Buffer[], position: number): Promise<void> {
  let left = buffers;
  let at = position;
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left, at);
    at += bytesWritten;
    left = without(left, bytesWritten);
  }
}

/** Bytes from `from` to `to`, fewer where the file ends before, a piece at a time and only when asked for the next. */
export async function* readBetween(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  let at = from;
  while (at < to) {
    const piece = Buffer.allocUnsafe(Math.min(READ_CHUNK_BYTES, to - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

function without(buffers: Buffer[], written: number): Buffer[] {
  let skip = written;
  let first = 0;
  for (const buffer of buffers) {
    if (skip < buffer.length) break;
    skip -= buffer.length;
    first++;
  }
  const [partly, ...rest] = buffers.slice(first);
  return partly === undefined ? [] : [partly.subarray(skip), ...rest];
}
