import type { Problem } from '#shared/document';
import { formatProblem } from '#shared/document';
import type { Style } from './terminal/index.ts';

interface Options {
  style: Style;
  /** The line of the file under each problem, with a mark. */
  excerpts: boolean;
}

/** Problems of a document as text: a line each that editors understand. */
export function formatProblems(
  problems: readonly Problem[],
  source: string,
  { style, excerpts }: Options,
): string {
  const lines = excerpts ? source.split(/\r\n|\n|\r/) : [];
  return problems.map((problem) => formatOne(problem, lines[problem.line - 1], style)).join('');
}

function formatOne(problem: Problem, line: string | undefined, style: Style): string {
  const { file, line: row, column, message, hint } = problem;
  if (line === undefined) return `${formatProblem(problem)}\n`;
  const place = style.paint('bold', `${file}:${row}:${column}:`);
  const gutter = ' '.repeat(String(row).length);
  // A column is a character, and a tab stays a tab, so that the mark stands under it.
  const before = Array.from(line).slice(0, column - 1);
  const indent = before.map((character) => (character === '	' ? '	' : ' ')).join('');
  const parts = [
    `${place} ${message}${hint === undefined ? '' : ` (${hint})`}`,
    `${style.paint('dim', `  ${row} |`)} ${line}`,
    `${style.paint('dim', `  ${gutter} |`)} ${indent}${style.paint('red', '^')}`,
  ];
  return `${parts.join('\n')}\n`;
}
