/** Both count from 1; a column is one Unicode character, as editors count. */
export interface Position {
  line: number;
  column: number;
}

export type ProblemCode =
  'syntax' | 'limit' | 'duplicate-key' | 'unknown-key' | 'missing-key' | 'wrong-type' | 'bad-value';

/** One mistake in a document, for the person who wrote it. */
export interface Problem extends Position {
  file: string;
  message: string;
  /** What to write instead. */
  hint?: string;
  code?: ProblemCode;
}

/** The problem as one line: `file:line:column: sentence (hint)`. */
export function formatProblem({ file, line, column, message, hint }: Problem): string {
  const text = hint === undefined ? message : `${message} (${hint})`;
  return `${file}:${line}:${column}: ${text}`;
}
