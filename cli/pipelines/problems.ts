import type { Problem } from '#shared/document';
import type { Style } from '../terminal/index.ts';

interface Options {
  style: Style;
  /** The text of the file that a problem names: its line stands under the problem, with a mark. Without it, only the problem. */
  textOf?: (file: string) => string | undefined;
}

/** Problems of documents as text: a line each that editors understand, and an excerpt for people. */
export function formatProblems(problems: readonly Problem[], { style, textOf }: Options): string {
  const lines = new Map<string, string[]>();
  return problems.map((problem) => formatOne(problem, lineOf(problem), style)).join('');

  function lineOf({ file, line }: Problem): string | undefined {
    if (textOf === undefined) return undefined;
    const known = lines.get(file) ?? textOf(file)?.split(/\r\n|\n|\r/) ?? [];
    lines.set(file, known);
    return known[line - 1];
  }
}

function formatOne(problem: Problem, line: string | undefined, style: Style): string {
  const { file, line: row, column, message, hint, severity } = problem;
  const place = style.paint('bold', `${file}:${row}:${column}:`);
  const kind = severity === 'warning' ? `${style.paint('yellow', 'warning:')} ` : '';
  const sentence = `${place} ${kind}${message}${hint === undefined ? '' : ` (${hint})`}\n`;
  return line === undefined ? sentence : `${sentence}${excerpt(problem, line, style)}`;
}

function excerpt({ line: row, column, severity }: Problem, line: string, style: Style): string {
  const gutter = ' '.repeat(String(row).length);
  // A column is a character, and a tab stays a tab, so that the mark stands under it.
  const before = Array.from(line).slice(0, column - 1);
  const indent = before.map((character) => (character === '\t' ? '\t' : ' ')).join('');
  const mark = style.paint(severity === 'warning' ? 'yellow' : 'red', '^');
  const source = `${style.paint('dim', `  ${row} |`)} ${line}\n`;
  return `${source}${style.paint('dim', `  ${gutter} |`)} ${indent}${mark}\n`;
}
