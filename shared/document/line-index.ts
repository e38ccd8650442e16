import type { Position } from './problem.ts';

/** Finds the line and column of an offset in UTF-16 code units. One pass over the source, then a binary search for each question. */
export function createLineIndex(source: string): (offset: number) => Position {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);

  return function positionAt(offset) {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    // A character beyond U+FFFF is two code units and one column.
    const before = source.slice(starts[low], offset);
    return { line: low + 1, column: Array.from(before).length + 1 };
  };
}
