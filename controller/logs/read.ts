import { openIfThere, readBetween } from './files.ts';
import type { LiveLog } from './live-logs.ts';
import type { LogFiles } from './log-id.ts';
import { openLogReader } from './log-reader.ts';
import type { LogSize } from './log-size.ts';

/** The log's size from the disk alone. A log that isn't there is empty. */
export async function sizeOnDisk(files: LogFiles): Promise<LogSize> {
  const reader = await openLogReader(files);
  if (reader === undefined) return { bytes: 0, lines: 0, complete: false };
  await reader.close();
  return reader.size;
}

/** Part of a log. The file is open only while someone reads. */
export async function* readStretch(
  files: LogFiles,
  stretch: { offset: number; end: number },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  signal.throwIfAborted();
  if (stretch.offset >= stretch.end) return;
  const log = await openIfThere(files.log);
  if (log === undefined) return;
  try {
    for await (const bytes of readBetween(log, stretch.offset, stretch.end)) {
      signal.throwIfAborted();
      yield bytes;
    }
  } finally {
    await log.close();
  }
}

/** The log from `offset` on, and what is added, until it is complete. Takes from the file only what is asked for. */
export async function* followFrom(
  files: LogFiles,
  live: LiveLog,
  offset: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let at = offset;
  for (;;) {
    const { version } = live;
    const size = live.size ?? (await sizeOnDisk(files));
    for await (const bytes of readStretch(files, { offset: at, end: size.bytes }, signal)) {
      at += bytes.length;
      yield bytes;
    }
    if (size.complete) return;
    await live.changedSince(version, signal);
  }
}
