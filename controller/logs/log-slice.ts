import type { Stretch } from './locate.ts';
import type { LogSize } from './log-size.ts';

/** A part of a log: bytes from `offset` to `end`, which is excluded. `line` is the one that `offset` is in. */
export interface LogSlice extends Stretch {
  /** The whole log, when the part was located. */
  size: LogSize;
  /** To be read at most once; costs nothing until then. */
  content: AsyncIterable<Buffer>;
}
