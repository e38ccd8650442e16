import type { LogRange } from '#controller/logs';
import type { LogQuery } from './schema.ts';

/** The part of the log that is asked for; all of it when nothing is said. */
export function rangeOf({ offset = 0, length, line, lines, tail, since }: LogQuery): LogRange {
  if (tail !== undefined) return { tail };
  if (since !== undefined) return { since };
  if (line !== undefined) return lines === undefined ? { line } : { line, lines };
  return length === undefined ? { offset } : { offset, length };
}
