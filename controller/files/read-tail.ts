import { open } from 'node:fs/promises';
import { codeOf } from './error-code.ts';

/** The end of the file as text, at most so many bytes; null where there is no file, or nothing in it. */
export async function readTail(path: string, mostBytes: number): Promise<string | null> {
  const bytes = await readLastBytes(path, mostBytes);
  if (bytes === undefined || bytes.length === 0) return null;
  // A character that the cut went through is dropped: continuation bytes of UTF-8 are 10xxxxxx.
  let start = 0;
  while (bytes.length === mostBytes && start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.subarray(start).toString('utf8');
}

async function readLastBytes(path: string, mostBytes: number): Promise<Buffer | undefined> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, mostBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
