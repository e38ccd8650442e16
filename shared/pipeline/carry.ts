import type { Value } from '#shared/expressions';
import type { Carrier } from './carrier.ts';
import { isExpression } from './fields.ts';
import type { Concurrency, Env, Matrix, Template } from './pipeline.ts';

/** Parts of a job taken through a carrier. */

export function carryText<T>(carrier: Carrier, key: string, value: T | Template): T | Template {
  return typeof value === 'string' ? carrier.text(key, value) : value;
}

export function carryValue<T>(carrier: Carrier, key: string, value: T | Template): T | Template {
  return typeof value === 'string' ? carrier.value(key, value) : value;
}

export function carryEnv(carrier: Carrier, env: Env): Env {
  const texts = Object.entries(env).map(([name, text]) => [name, carrier.text(`env.${name}`, text)] as const);
  return Object.fromEntries(texts);
}

export function carryConcurrency(carrier: Carrier, concurrency: Concurrency): Concurrency {
  return {
    ...concurrency,
    group: carrier.text('concurrency.group', concurrency.group),
    cancelInProgress: carryValue(carrier, 'concurrency.cancel', concurrency.cancelInProgress),
  };
}

export function carryMatrix(carrier: Carrier, matrix: Matrix): Matrix {
  return {
    ...matrix,
    axes: carryAxes(carrier, matrix.axes),
    include: carryCells(carrier, 'matrix.include', matrix.include),
    exclude: carryCells(carrier, 'matrix.exclude', matrix.exclude),
  };
}

function carryAxes(carrier: Carrier, axes: Matrix['axes']): Matrix['axes'] {
  if (typeof axes === 'string') return carrier.value('matrix', axes);
  return mapValues(axes, (axis, name) => {
    const key = `matrix.axis.${name}`;
    if (typeof axis === 'string') return carrier.value(key, axis);
    return axis.map((value, index) => carryCellValue(carrier, `${key}.${index}`, value));
  });
}

function carryCells(carrier: Carrier, key: string, cells: Matrix['include']): Matrix['include'] {
  if (typeof cells === 'string') return carrier.value(key, cells);
  return cells.map((cell, index) =>
    mapValues(cell, (value, name) => carryCellValue(carrier, `${key}.${index}.${name}`, value)),
  );
}

function carryCellValue(carrier: Carrier, key: string, value: Value): Value {
  if (typeof value !== 'string') return value;
  return isExpression(value) ? carrier.value(key, value) : carrier.text(key, value);
}

function mapValues<T>(values: Record<string, T>, change: (value: T, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
}
