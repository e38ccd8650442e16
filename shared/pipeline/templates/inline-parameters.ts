import { isTemplate, referencesIn, type Value } from '#shared/expressions';
import { isExpression } from '../schema/fields.ts';
import { MAX_VALUE_LENGTH } from '../limits.ts';
import type { Matrix } from '../pipeline.ts';
import type { Binding, Template } from '../template.ts';

/** `parameters.NAME`, or `parameters['NAME']`. */
const READ = /^parameters\s*(?:\.\s*(?<plain>[\w-]+)|\[\s*'(?<quoted>(?:[^']|'')*)'\s*\])/i;

/** The inside of `${{ }}`; a `}}` between quotes does not end it. */
const EXPRESSION = /\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}/;

/**
 * The matrix with what was given to the template's parameters in their place. A matrix becomes jobs before there is any job to which a
 * binding could belong, and what it waits for must show in it.
 */
export function inlineMatrix(matrix: Matrix, binding: Binding | undefined): Matrix {
  if (binding === undefined) return matrix;
  const { axes, include, exclude } = matrix;
  return {
    ...matrix,
    axes: typeof axes === 'string' ? inline(axes, binding) : mapValues(axes, inlineList),
    include: inlineCells(include),
    exclude: inlineCells(exclude),
  };

  function inlineCells(cells: Matrix['include']): Matrix['include'] {
    return typeof cells === 'string'
      ? inline(cells, binding)
      : cells.map((cell) => mapValues(cell, inlineValue));
  }

  function inlineList(list: Value[] | Template): Value[] | Template {
    return typeof list === 'string' ? inline(list, binding) : list.map(inlineValue);
  }

  function inlineValue(value: Value): Value {
    return typeof value === 'string' ? inline(value, binding) : value;
  }
}

/** The template in the words of whoever used the outermost of the templates. */
function inline(template: Template, binding: Binding | undefined): Template {
  if (binding === undefined || !isTemplate(template)) return template;
  let text = template;
  for (const { path, index } of referencesIn(template, 'template').toReversed()) {
    if (path[0] !== 'parameters') continue;
    const [read = '', plain, quoted] = READ.exec(template.slice(index)) ?? [];
    const name = plain ?? quoted?.replaceAll("''", "'");
    if (name === undefined) continue;
    text = text.slice(0, index) + valueOf(name, binding) + text.slice(index + read.length);
    // Each level may double what it is given: such a matrix has no value then, which is said when it is evaluated.
    if (text.length > MAX_VALUE_LENGTH) return template;
  }
  return inline(text, binding.outer);
}

/** As an expression. Names are compared without regard to case. */
function valueOf(name: string, { parameters, values }: Binding): string {
  const known = Object.keys(parameters).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
  const parameter = Object.hasOwn(parameters, known) ? parameters[known] : undefined;
  const value = Object.hasOwn(values, known) ? values[known] : parameter?.default;
  if (value === undefined) return 'null';
  if (typeof value !== 'string') return String(value);
  if (!isTemplate(value)) return literal(value);
  if (isExpression(value)) return `(${value.trim().slice(3, -2).trim()})`;
  return formatted(value);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Text with expressions in it, as one expression. */
function formatted(template: Template): string {
  const expressions: string[] = [];
  const texts = template.split(EXPRESSION).map((part, index) => {
    // Every other part is what the pattern's group has found.
    if (index % 2 === 0) return part.replaceAll(/[{}]/g, '$&$&');
    expressions.push(part.trim());
    return `{${expressions.length - 1}}`;
  });
  return `format(${[literal(texts.join('')), ...expressions].join(', ')})`;
}

function mapValues<T>(values: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
