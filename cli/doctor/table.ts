import { formatTable, type Style } from '../terminal/index.ts';

/** An indented table for people, whoever reads it: programs ask for JSON. Nothing where there are no rows. */
export function tableOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  if (rows.length === 0) return '';
  return formatTable(header, rows, { isTerminal: true, style }).replaceAll(/^(?=.)/gm, '  ');
}
