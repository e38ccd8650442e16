/** Which part of a log to read. What lies beyond its end is left out. */
export type LogRange =
  /** Bytes from `offset` on. */
  | { offset: number; length?: number }
  /** Lines from `line` on. */
  | { line: number; lines?: number }
  /** The last lines. */
  | { tail: number }
  /** What came at or after this time, in milliseconds since the epoch, and up to one index interval (64 KiB or 1 s) before. */
  | { since: number };
