import { isDeepStrictEqual } from 'node:util';
import { evaluateTemplate, referencesIn, type Contexts, type Value } from '#shared/expressions';
import { FootmanError } from '#shared/errors';
import { naming } from './evaluated.ts';
import { MAX_AXES, MAX_CELLS, MAX_VALUE_LENGTH } from '../limits.ts';
import { ID } from '../names.ts';
import type { Matrix } from '../pipeline.ts';
import type { Template } from '../template.ts';
import { isLongerThan } from '../check/size.ts';

export type Cell = Record<string, Value>;

interface Lists {
  axes: [name: string, values: Value[]][];
  include: Cell[];
  exclude: Cell[];
}

/** Whether the cells are known only once the jobs have ended that its job needs. */
export function isDynamicMatrix(matrix: Matrix): boolean {
  return templatesOf(matrix).some((template) =>
    referencesIn(template, 'template').some(({ path }) => path[0] === 'needs'),
  );
}

/** Every text in it that is evaluated. */
export function templatesOf({ axes, include, exclude }: Matrix): string[] {
  return textsOf([axes, include, exclude]);
}

function textsOf(value: Value): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/**
 * The cells of a matrix, in the order of its lists: the product of the axes, without what `exclude` names, then with what `include` adds. An
 * entry of `include` extends every cell of the product that it contradicts in no axis; one that extends none is a cell of its own. As
 * GitHub Actions has it.
 *
 * @throws FootmanError `expression-failed` for shapes that make no cells, and for more than {@link MAX_CELLS}.
 */
export function expandMatrix(matrix: Matrix, contexts: Contexts): Cell[] {
  const { axes, include, exclude } = naming('matrix', () => listsOf(matrix, contexts));
  const kept = productOf(axes).filter((cell) => !exclude.some((entry) => contains(cell, entry)));
  const cells = withIncluded(kept, include, new Set(axes.map(([name]) => name)));
  limit(cells.length);
  cells.forEach(checkCell);
  return cells;
}

/** How many there would be is computed first: nobody can wait for 10^6 cells. */
function productOf(axes: Lists['axes']): Cell[] {
  const count = axes.length === 0 ? 0 : axes.reduce((product, [, { length }]) => product * length, 1);
  limit(count);
  if (count === 0) return [];
  return axes.reduce<Cell[]>(
    (cells, [name, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
}

function withIncluded(product: readonly Cell[], include: readonly Cell[], axes: ReadonlySet<string>): Cell[] {
  let cells = [...product];
  const added: Cell[] = [];
  for (const entry of include) {
    const given = Object.fromEntries(Object.entries(entry).filter(([name]) => axes.has(name)));
    // Against the product as it was: what another entry added may be overwritten.
    const fits = product.map((cell) => contains(cell, given));
    cells = cells.map((cell, index) => (fits[index] === true ? { ...cell, ...entry } : cell));
    if (!fits.includes(true)) added.push(entry);
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
  const value = evaluateTemplate(matrix.axes.trim(), contexts);
  if (!isMapping(value)) throw failed('it must be a mapping of lists');
  const { include: more = [], exclude: less = [], ...axes } = value;
  if (Object.keys(axes).length > MAX_AXES) throw failed(`at most ${MAX_AXES} axes are allowed`);
  return {
    axes: Object.entries(axes).map(([name, values]) => [name, listOf(name, values)]),
    include: [...include, ...cellList('include', more)],
    exclude: [...exclude, ...cellList('exclude', less)],
  };
}

/** What an expression made is taken as it is; only what the pipeline wrote out may hold templates. */
function axesOf(axes: Record<string, Value[] | Template>, contexts: Contexts): Lists['axes'] {
  return Object.entries(axes).map(([name, axis]) => {
    if (typeof axis === 'string') return [name, listOf(name, evaluateTemplate(axis.trim(), contexts))];
    return [name, axis.map((value) => evaluated(value, contexts))];
  });
}

function listOf(name: string, values: Value): Value[] {
  if (Array.isArray(values)) return values;
  throw failed(`its axis ${name} must be a list`);
}

function cellsOf(key: string, cells: Cell[] | Template, contexts: Contexts): Cell[] {
  if (typeof cells === 'string') return cellList(key, evaluateTemplate(cells.trim(), contexts));
  return cells.map((cell) => mapped(cell, contexts));
}

function cellList(key: string, value: Value): Cell[] {
  if (!Array.isArray(value) || !value.every(isMapping)) throw failed(`its ${key} must be a list of mappings`);
  if (value.length <= MAX_CELLS) return value;
  throw failed(`its ${key} has ${value.length} entries; at most ${MAX_CELLS} are allowed`);
}

function evaluated(value: Value, contexts: Contexts): Value {
  if (typeof value === 'string') return evaluateTemplate(value, contexts);
  if (Array.isArray(value)) return value.map((item) => evaluated(item, contexts));
  return isMapping(value) ? mapped(value, contexts) : value;
}

function mapped(values: Cell, contexts: Contexts): Cell {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, evaluated(value, contexts)]),
  );
}

/** What an expression made is no better than what can be written. */
function checkCell(cell: Cell): void {
  const strange = Object.keys(cell).find((name) => !ID.test(name));
  if (strange !== undefined)
    throw failed(`matrix: ${JSON.stringify(strange.slice(0, 80))} can't be the name of an axis`);
  if (isLongerThan(MAX_VALUE_LENGTH, cell)) {
    throw failed(`matrix: a cell has more than ${MAX_VALUE_LENGTH} characters`);
  }
}

function isMapping(value: Value): value is Cell {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function limit(cells: number): void {
  if (cells <= MAX_CELLS) return;
  throw failed(`the matrix has ${cells.toLocaleString('en')} cells; at most ${MAX_CELLS} are allowed`);
}

function failed(message: string): FootmanError {
  return new FootmanError('expression-failed', message);
}
