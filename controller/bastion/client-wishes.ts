import type { PseudoTtyInfo, WindowChangeInfo } from 'ssh2';
import type { Pty } from '#shared/protocol';

const TERM = /^[A-Za-z0-9+._-]{1,64}$/;
const LOCALE = /^(?:LANG|LANGUAGE|LC_[A-Z]{1,32})$/;
const LOCALE_VALUE = /^[A-Za-z0-9@._:-]{0,64}$/;
/** Of one session; clients have a dozen. */
const MAX_VARIABLES = 32;
const MAX_SIDE = 10_000;

export interface Size {
  columns: number;
  rows: number;
}

/** A screen of nobody's making has no size. */
export function sizeOf({ cols, rows }: Pick<WindowChangeInfo, 'cols' | 'rows'>): Size {
  return { columns: side(cols, 80), rows: side(rows, 24) };
}

export function ptyOf(info: PseudoTtyInfo): Pty {
  // The types of ssh2 leave it out.
  const { term } = info as PseudoTtyInfo & { term?: string };
  return { term: term !== undefined && TERM.test(term) ? term : 'xterm', ...sizeOf(info) };
}

/** What of the client's environment may be seen on the node, beside what already is: its language. */
export function mayPass(name: string, value: string, passed: Record<string, string>): boolean {
  const hasRoom = Object.hasOwn(passed, name) || Object.keys(passed).length < MAX_VARIABLES;
  return hasRoom && LOCALE.test(name) && LOCALE_VALUE.test(value);
}

function side(cells: number, otherwise: number): number {
  return cells > 0 ? Math.min(cells, MAX_SIDE) : otherwise;
}
