import type { LogRange } from './log-range.ts';
import type { LogReader } from './log-reader.ts';

/** A stretch of a log in bytes, `end` excluded, and the line that it starts in. */
export interface Stretch {
  offset: number;
  end: number;
  line: number;
}

/** Where a range lies in the log as it is now. */
export async function locate(range: LogRange, log: LogReader): Promise<Stretch> {
  const { bytes, lines } = log.size;
  if ('offset' in range) {
    const offset = Math.min(range.offset, bytes);
    const end = Math.min(offset + (range.length ?? bytes), bytes);
    return { offset, end, line: await log.lineAt(offset) };
  }
  if ('tail' in range) return fromLine(Math.max(0, lines - range.tail), log);
  if ('since' in range) return fromLine(await log.lineSince(range.since), log);
  return fromLine(range.line, log, range.lines);
}

async function fromLine(start: number, log: LogReader, lines = Number.POSITIVE_INFINITY): Promise<Stretch> {
  const line = Math.min(start, log.size.lines);
  return { offset: await log.offsetOf(line), end: await log.offsetOf(line + lines), line };
}
