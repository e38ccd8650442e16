import type { FileHandle } from 'node:fs/promises';
import { openIfThere, readBetween } from './files.ts';
import { createGrowth } from './growth.ts';
import type { LogFiles } from './log-id.ts';
import { indexEnd, lastWhere, readRecord, START, type IndexEnd } from './log-index.ts';
import { createLogReader, type LogReader } from './log-reader.ts';
import type { LogSize } from './log-size.ts';

/** Opens a log's files for reading; `known` is its size where a writer tells it. Undefined where there is no log on the disk. */
export async function openOnDisk(files: LogFiles, known?: LogSize): Promise<LogReader | undefined> {
  // Before the log, which is removed before it: a log on its way to the storage is never taken for one without an index.
  const index = await openIfThere(files.index);
  const log = await openIfThere(files.log).catch(async (error: unknown) => {
    await index?.close();
    throw error;
  });

  async function close(): Promise<void> {
    await Promise.allSettled([log?.close(), index?.close()]);
  }

  try {
    if (log === undefined) {
      await close();
      return undefined;
    }
    const { size: bytes } = await log.stat();
    const end = index === undefined ? NO_INDEX : await indexEnd(index, bytes);
    return createLogReader({
      size: known ?? (await sizeFrom(log, end, bytes)),
      lastWhere: async (holds) =>
        index === undefined ? START : lastWhere((number) => readRecord(index, number), end.count, holds),
      bytes: (from, to) => readBetween(log, from, to),
      close,
    });
  } catch (error) {
    await close();
    throw error;
  }
}

const NO_INDEX: IndexEnd = { count: 0, last: undefined };

async function sizeFrom(log: FileHandle, { last = START }: IndexEnd, bytes: number): Promise<LogSize> {
  if (last.kind === 'complete') return { bytes, lines: last.line, complete: true };
  const growth = createGrowth(last);
  for await (const piece of readBetween(log, last.offset, bytes)) growth.add(last.time, piece);
  return { bytes: growth.bytes, lines: growth.lines, complete: false };
}
