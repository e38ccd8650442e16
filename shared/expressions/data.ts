import {
  Array as List,
  BooleanData,
  Kind,
  Null,
  NumberData,
  StringData,
  type ExpressionData,
} from '@actions/expressions/data/index';
import { Dictionary } from './dictionary.ts';
import { MAX_NESTING, MAX_VALUES } from './limits.ts';
import { expressionFailed } from './problem.ts';
import type { Value } from './value.ts';

/**
 * The value as the library wants it.
 * @throws FootmanError `expression-failed`, if it holds too many values or is nested too deep.
 */
export function toData(value: Value): ExpressionData {
  return convert(value, 0, { left: MAX_VALUES });
}

function convert(value: Value, depth: number, budget: { left: number }): ExpressionData {
  budget.left--;
  if (budget.left < 0) throw expressionFailed(`a value holds more than ${MAX_VALUES} values`);
  if (depth > MAX_NESTING) throw expressionFailed(`a value is nested more than ${MAX_NESTING} deep`);
  if (value === null) return new Null();
  if (typeof value === 'string') return new StringData(value);
  if (typeof value === 'number') return new NumberData(value);
  if (typeof value === 'boolean') return new BooleanData(value);
  if (Array.isArray(value)) {
    const list = new List();
    for (const item of value) list.add(convert(item, depth + 1, budget));
    return list;
  }
  const dictionary = new Dictionary();
  for (const [key, item] of Object.entries(value)) dictionary.add(key, convert(item, depth + 1, budget));
  return dictionary;
}

/** The library's data as plain JSON, where NaN and infinities are null. */
export function toValue(data: ExpressionData): Value {
  switch (data.kind) {
    case Kind.String:
    case Kind.Boolean:
      return data.value;
    case Kind.Number:
      return Number.isFinite(data.number()) ? data.number() : null;
    case Kind.Array:
      return data.values().map(toValue);
    case Kind.Dictionary:
      // Object.fromEntries makes `__proto__` a key like any other.
      return Object.fromEntries(data.pairs().map(({ key, value }) => [key, toValue(value)]));
    case Kind.Null:
      return null;
  }
}
