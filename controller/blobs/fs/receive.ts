import { open, type FileHandle } from 'node:fs/promises';
import { abortable } from '../abortable.ts';
import type { Content } from '../store.ts';

/** Writes content to a new file; resolves with its size once the disk has it. */
export async function receive(path: string, content: Content, signal: AbortSignal): Promise<number> {
  const file = await open(path, 'wx');
  try {
    const bytes = await writePieces(file, content, 0, signal);
    await file.datasync();
    return bytes;
  } finally {
    await file.close();
  }
}

/** Writes content from an offset on; resolves with its size. */
export async function writePieces(
  file: FileHandle,
  content: Content,
  offset: number,
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  const pieces = content instanceof Uint8Array ? [content] : abortable(content, signal);
  for await (const piece of pieces) {
    signal.throwIfAborted();
    for (let written = 0; written < piece.length;) {
      const { bytesWritten } = await file.write(
        piece,
        written,
        piece.length - written,
        offset + bytes + written,
      );
      written += bytesWritten;
    }
    bytes += piece.length;
  }
  return bytes;
}
