import { readFile } from 'node:fs/promises';
import { codeOf } from '#controller/files';
import { openOnDisk } from './disk.ts';
import { openIfThere, readBetween } from './files.ts';
import { logFiles, type LogFiles, type LogId } from './log-id.ts';
import type { LogSize } from './log-size.ts';
import type { Writers } from './writers.ts';

/** A complete log on the disk. */
export interface SealedLog {
  size: LogSize;
  /** Its bytes, for as long as it is on the disk. */
  content(): AsyncIterable<Buffer>;
  index(): Promise<Buffer>;
}

/** The log, which is completed where its writer left it as it was. Undefined where it is not on the disk. */
export async function seal(folder: string, writers: Writers, id: LogId): Promise<SealedLog | undefined> {
  const files = logFiles(folder, id);
  const known = await sizeOf(files);
  if (known === undefined) return undefined;
  const size = known.complete ? known : await complete(writers, id);
  return { size, content: () => content(files, size), index: () => indexOf(files) };
}

async function sizeOf(files: LogFiles): Promise<LogSize | undefined> {
  const reader = await openOnDisk(files);
  await reader?.close();
  return reader?.size;
}

async function complete(writers: Writers, id: LogId): Promise<LogSize> {
  const writer = await writers.open(id);
  try {
    return await writer.finish();
  } finally {
    await writer.release();
  }
}

async function* content({ log }: LogFiles, { bytes }: LogSize): AsyncGenerator<Buffer> {
  const file = await openIfThere(log);
  try {
    if (file !== undefined) yield* readBetween(file, 0, bytes);
  } finally {
    await file?.close();
  }
}

async function indexOf({ index }: LogFiles): Promise<Buffer> {
  try {
    return await readFile(index);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
