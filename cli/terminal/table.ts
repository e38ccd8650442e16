import { stripVTControlCharacters } from 'node:util';
import type { Style } from './style.ts';

interface Options {
  /** Aligned columns under a header for people; tab-separated values for programs. */
  isTerminal: boolean;
  style: Style;
}

/** What would have a terminal do more than show colours: cells have words of strangers in them. */
// oxlint-disable-next-line no-control-regex -- they are what is taken out
const UNSAFE = /\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;

/** Rows as text. A cell of a program's table has no tab and no line break. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { isTerminal, style }: Options,
): string {
  if (!isTerminal) return rows.map((row) => `${row.map(plainCell).join('\t')}\n`).join('');
  const shown = rows.map((row) => row.map(shownCell));
  const widths = header.map((title, column) =>
    Math.max(title.length, ...shown.map((row) => widthOf(row[column] ?? ''))),
  );
  const titles = header.map((title) => style.paint('dim', title.toUpperCase()));
  return [titles, ...shown].map((row) => alignRow(row, widths)).join('');
}

function alignRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map(
    (cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))),
  );
  return `${cells.join('  ').trimEnd()}\n`;
}

function plainCell(cell: string): string {
  return shownCell(stripVTControlCharacters(cell).replaceAll(/[\t\r\n]+/g, ' '));
}

function shownCell(cell: string): string {
  return cell.replaceAll(/[\r\n]+/g, ' ').replaceAll(UNSAFE, '');
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
