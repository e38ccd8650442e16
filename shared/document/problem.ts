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
  /** The document can be used nevertheless. Without it, the problem is an error. */
  severity?: 'warning';
}

/** The problem as one line: `file:line:column: sentence (hint)`, with `warning: ` before the sentence of a warning. */
export function formatProblem({ file, line, column, message, hint, severity }: Problem): string {
  const sentence = severity === undefined ? message : `${severity}: ${message}`;
  const text = hint === undefined ? sentence : `${sentence} (${hint})`;
  return `${file}:${line}:${column}: ${text}`;
}
