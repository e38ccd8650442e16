import type { Document, Report } from '#shared/document';
import { nearest } from '#shared/nearest';
import { checkIds } from './names.ts';
import { type Draft, entries, entry, isMapping, items } from '../draft.ts';
import { MAX_AXES, MAX_CELLS } from '../limits.ts';

const SETTINGS = new Set(['include', 'exclude', 'fail-fast', 'max-parallel']);

/** That a matrix makes cells, and not too many, without making any. */
export function checkMatrix(matrix: Draft, document: Document, report: Report): void {
  if (!isMapping(matrix.value)) return;
  const axes = axesOf(matrix);
  const include = entry(matrix, 'include');
  checkIds(
    { ...matrix, value: Object.fromEntries([...axes].map(([name, { value }]) => [name, value])) },
    'axis',
    MAX_AXES,
    report,
  );
  if (axes.size === 0 && include.value === undefined) {
    report(matrix.path, 'the matrix has no axis', {
      hint: 'write a list of values under a name: os: [linux, mac]',
    });
  }
  for (const axis of axes.values()) checkNumbers(axis, document, report);
  // An axis that is an expression has at least one value, or there are no cells at all.
  const cells = [...axes.values()].reduce((product, axis) => product * Math.max(1, items(axis).length), 1);
  if (cells > MAX_CELLS) {
    report(matrix.path, `the matrix has ${cells.toLocaleString('en')} cells`, {
      at: 'key',
      hint: `at most ${MAX_CELLS} are allowed, before "exclude" takes any away`,
    });
  }
  checkExclude(entry(matrix, 'exclude'), axes, report);
}

/** The names that cells have, as far as the file tells. */
export function axisNames(matrix: Draft): string[] | 'unknown' | 'none' {
  if (matrix.value === undefined) return 'none';
  if (!isMapping(matrix.value)) return 'unknown';
  const include = entry(matrix, 'include');
  if (typeof include.value === 'string') return 'unknown';
  const added = items(include).flatMap((cell) => Array.from(entries(cell).keys()));
  return [...new Set([...axesOf(matrix).keys(), ...added])];
}

function axesOf(matrix: Draft): Map<string, Draft> {
  return new Map([...entries(matrix)].filter(([key]) => !SETTINGS.has(key)));
}

/** `3.10` is the number 3.1, which is seldom meant where versions are listed. */
function checkNumbers(axis: Draft, document: Document, report: Report): void {
  for (const { path, value } of items(axis)) {
    const text = document.textOf(path);
    if (typeof value !== 'number' || text === undefined || text === String(value)) continue;
    const hint = `put it in quotes to keep it as it is written: "${text}"`;
    report(path, `${text} is read as the number ${value}`, { severity: 'warning', hint });
  }
}

/** What is to be left out must be there. */
function checkExclude(exclude: Draft, axes: ReadonlyMap<string, Draft>, report: Report): void {
  for (const cell of items(exclude)) {
    for (const [name, { path }] of entries(cell)) {
      if (axes.has(name)) continue;
      const [meant] = nearest(name, axes.keys(), 1);
      const hint =
        meant === undefined
          ? `the axes: ${[...axes.keys()].join(', ')}`
          : `did you mean ${JSON.stringify(meant)}?`;
      report(path, `there is no axis ${JSON.stringify(name)} to leave values out of`, { at: 'key', hint });
    }
  }
}
