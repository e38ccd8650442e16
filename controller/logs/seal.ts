import { readFile } from 'node:fs/promises';
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

/** The log, with its end and a sound index, whatever a crash left of them. Undefined where it is not on the disk. */
export async function seal(folder: string, writers: Writers, id: LogId): Promise<SealedLog | undefined> {
  const files = logFiles(folder, id);
  const log = await openIfThere(files.log);
  if (log === undefined) return undefined;
  await log.close();
  const writer = await writers.open(id);
  try {
    const size = await writer.finish();
    return { size, content: () => content(files, size), index: () => readFile(files.index) };
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
