import { quote } from './kinds.ts';
import type { Path } from './place.ts';

/** The value at the path as a reader calls it: `"timeout"`, `item 2 of "needs"`, `the file`. */
export function describeSubject(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  if (typeof last === 'string') return quote(last);
  const list = path.slice(0, -1);
  return list.length === 0 ? `item ${last + 1}` : `item ${last + 1} of ${describeSubject(list)}`;
}
