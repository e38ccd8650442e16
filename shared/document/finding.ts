import type { ProblemCode } from './problem.ts';

/** A problem before its offset in the source, in UTF-16 code units, became a line and a column. */
export interface Finding {
  offset: number;
  /** Where the part of the source ends that this finding is about. */
  end: number;
  message: string;
  hint?: string | undefined;
  code: ProblemCode;
  severity?: 'warning' | undefined;
}
