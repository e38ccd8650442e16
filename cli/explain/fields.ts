import type { Style } from '../terminal/index.ts';

/** A line or more under a name; one without lines is left out. */
export interface Field {
  name: string;
  lines: readonly string[];
}

/** Width of the names, with the space after them. */
const NAMES = 13;

export function field(name: string, ...lines: readonly (string | undefined)[]): Field {
  return { name, lines: lines.filter((line) => line !== undefined && line !== '') as string[] };
}

/** Names in one column, what they name in the other. */
export function formatFields(fields: readonly Field[], style: Style): string {
  return fields
    .flatMap(({ name, lines }) => lines.map((line, index) => row(index === 0 ? name : '', line)))
    .join('');

  function row(name: string, line: string): string {
    return `  ${style.paint('dim', name.padEnd(NAMES))}${line}\n`;
  }
}
