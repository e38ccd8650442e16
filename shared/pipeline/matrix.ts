import { isDeepStrictEqual } from 'node:util';
import { evaluateTemplate, referencesIn, type Contexts, type Value } from '#shared/expressions';
import { FootmanError } from '#shared/errors';
import { MAX_CELLS } from './limits.ts';
import type { Matrix, Template } from './pipeline.ts';

export type Cell = Record<string, Value>;

interface Lists {
  axes: [name: string, values: Value[]][];
  include: Cell[];
  exclude: Cell[];
}

/** Whether the cells are known only once the jobs have ended that its job needs. */
export function isDynamicMatrix({ axes, include, exclude }: Matrix): boolean {
  const parts: unknown[] = [
    ...(typeof axes === 'string' ? [axes] : Object.values(axes)),
    ...(typeof include === 'string' ? [include] : include),
    ...(typeof exclude === 'string' ? [exclude] : exclude),
  ];
  return parts.some(readsNeeds);
}

function readsNeeds(part: unknown): boolean {
  if (typeof part === 'string') return referencesIn(part, 'template').some(({ path }) => path[0] === 'needs');
  return typeof part === 'object' && part !== null && Object.values(part).some(readsNeeds);
}

/**
 * The cells of a matrix, in the order of its lists: the product of the axes, without what `exclude` names, then with what `include` adds. An
 * entry of `include` extends every cell of the product that it contradicts in no axis; one that extends none is a cell of its own. As
 * GitHub Actions has it.
 *
 * @throws FootmanError `expression-failed` for shapes that make no cells, and for more than {@link MAX_CELLS}.
 */
export function expandMatrix(matrix: Matrix, contexts: Contexts): Cell[] {
  const { axes, include, exclude } = listsOf(matrix, contexts);
  const most = axes.reduce((product, [, values]) => product * values.length, 1);
  limit(axes.length === 0 ? 0 : most);
  const product = axes.length === 0 ? [] : productOf(axes);
  const kept = product.filter((cell) => !exclude.some((entry) => contains(cell, entry)));
  const cells = withIncluded(kept, include, new Set(axes.map(([name]) => name)));
  limit(cells.length);
  return cells;
}

function productOf(axes: Lists['axes']): Cell[] {
  return axes.reduce<Cell[]>(
    (cells, [name, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
}

function withIncluded(product: readonly Cell[], include: readonly Cell[], axes: ReadonlySet<string>): Cell[] {
  const cells = product.map((cell) => ({ ...cell }));
  const added: Cell[] = [];
  for (const entry of include) {
    const given = Object.fromEntries(Object.entries(entry).filter(([name]) => axes.has(name)));
    // Against the product as it was: what another entry added may be overwritten.
    const fits = cells.filter((_, index) => contains(product[index] ?? {}, given));
    for (const cell of fits) Object.assign(cell, entry);
    if (fits.length === 0) added.push(entry);
  }
  return [...cells, ...added];
}

function contains(cell: Cell, part: Cell): boolean {
  return Object.entries(part).every(
    ([name, value]) => Object.hasOwn(cell, name) && isDeepStrictEqual(cell[name], value),
  );
}

function listsOf(matrix: Matrix, contexts: Contexts): Lists {
  const include = cellsOf('include', matrix.include, contexts);
  const exclude = cellsOf('exclude', matrix.exclude, contexts);
  if (typeof matrix.axes !== 'string') return { axes: axesOf(matrix.axes, contexts), include, exclude };
  const value = evaluateTemplate(matrix.axes, contexts);
  if (!isMapping(value)) throw failed('the matrix must be a mapping of lists');
  const { include: more = [], exclude: less = [], ...axes } = value;
  return {
    axes: Object.entries(axes).map(([name, values]) => [name, listOf(name, values)]),
    include: [...include, ...cellList('include', more)],
    exclude: [...exclude, ...cellList('exclude', less)],
  };
}

/** What an expression made is taken as it is; only what the pipeline wrote out may hold templates. */
function axesOf(axes: Record<string, Value[] | Template>, contexts: Contexts): Lists['axes'] {
  return Object.entries(axes).map(([name, axis]) => {
    if (typeof axis === 'string') return [name, listOf(name, evaluateTemplate(axis, contexts))];
    return [name, axis.map((value) => evaluated(value, contexts))];
  });
}

function listOf(name: string, values: Value): Value[] {
  if (Array.isArray(values)) return values;
  throw failed(`the axis ${name} of the matrix must be a list`);
}

function cellsOf(key: string, cells: Cell[] | Template, contexts: Contexts): Cell[] {
  if (typeof cells === 'string') return cellList(key, evaluateTemplate(cells, contexts));
  return cells.map((cell) =>
    Object.fromEntries(Object.entries(cell).map(([name, value]) => [name, evaluated(value, contexts)])),
  );
}

function cellList(key: string, value: Value): Cell[] {
  if (Array.isArray(value) && value.every(isMapping)) return value;
  throw failed(`${key} of the matrix must be a list of mappings`);
}

function evaluated(value: Value, contexts: Contexts): Value {
  return typeof value === 'string' ? evaluateTemplate(value, contexts) : value;
}

function isMapping(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function limit(cells: number): void {
  if (cells <= MAX_CELLS) return;
  throw failed(`the matrix has ${cells.toLocaleString('en')} cells; at most ${MAX_CELLS} are allowed`);
}

function failed(message: string): FootmanError {
  return new FootmanError('expression-failed', message);
}
