import { stripVTControlCharacters } from 'node:util';
import type { Style } from './style.ts';

interface Options {
  /** Aligned columns under a header for people; tab-separated values for programs. */
  isTerminal: boolean;
  style: Style;
}

/** Rows as text. A cell of a program's table has no tab and no line break. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { isTerminal, style }: Options,
): string {
  if (!isTerminal) return rows.map((row) => `${row.map(plainCell).join('\t')}\n`).join('');
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const titles = header.map((title) => style.paint('dim', title.toUpperCase()));
  return [titles, ...rows].map((row) => alignRow(row, widths)).join('');
}

function alignRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map(
    (cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))),
  );
  return `${cells.join('  ').trimEnd()}\n`;
}

function plainCell(cell: string): string {
  return stripVTControlCharacters(cell).replaceAll(/[\t\r\n]+/g, ' ');
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
