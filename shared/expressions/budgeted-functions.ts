import { Kind, StringData, type ExpressionData } from '@actions/expressions/data/index';
import { wellKnownFunctions } from '@actions/expressions/funcs';
import type { Budget } from './budget.ts';
import { toData, toValue } from './data.ts';
import { format } from './format.ts';
import { expressionFailed } from './problem.ts';
import type { Value } from './value.ts';

export type Implementation = (...args: ExpressionData[]) => ExpressionData;

/** The functions that every place has, by name in lower case, within the budget. */
export function budgetedFunctions(budget: Budget): Map<string, Implementation> {
  return new Map<string, Implementation>([
    ['format', (pattern, ...values) => format(budget, argument(pattern), values)],
    ['join', (list, separator) => join(budget, argument(list), separator?.coerceString() ?? ',')],
    ['tojson', (value) => toJson(budget, argument(value))],
    ['fromjson', (text) => fromJson(budget, argument(text).coerceString())],
    ['contains', spending(budget, 'contains')],
    ['startswith', spending(budget, 'startswith')],
    ['endswith', spending(budget, 'endswith')],
    ['case', (...args) => choose(args)],
  ]);
}

function join(budget: Budget, list: ExpressionData, separator: string): StringData {
  if (list.kind !== Kind.Array) return new StringData(list.primitive ? list.coerceString() : '');
  const texts = list.values().map((item) => item.coerceString());
  const separators = separator.length * Math.max(0, texts.length - 1);
  budget.text(texts.reduce((sum, text) => sum + text.length, separators));
  return new StringData(texts.join(separator));
}

function toJson(budget: Budget, value: ExpressionData): StringData {
  const text = JSON.stringify(toValue(value), undefined, 2);
  budget.text(text.length);
  return new StringData(text);
}

function fromJson(budget: Budget, text: string): ExpressionData {
  budget.text(text.length);
  if (text.trim() === '') throw expressionFailed('fromJSON: the text is empty');
  return toData(parseJson(text));
}

function parseJson(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    // The engine's sentence quotes the text, which may be a secret.
    throw expressionFailed(
      'fromJSON: the text is not JSON',
      'write JSON with double quotes: fromJSON(\'[1, "two"]\')',
    );
  }
}

/** The first value whose condition is true. The library's own says less when a condition is none. */
function choose(args: ExpressionData[]): ExpressionData {
  for (let index = 0; index + 1 < args.length; index += 2) {
    const condition = argument(args[index]);
    if (condition.kind !== Kind.Boolean) {
      throw expressionFailed('case: a condition must be true or false', 'compare it, for example with `==`');
    }
    if (toValue(condition) === true) return argument(args[index + 1]);
  }
  return argument(args.at(-1));
}

/** The library's function, once its reading is paid for: it folds both texts anew for every item of a list. */
function spending(budget: Budget, name: string): Implementation {
  return (searched, wanted) => {
    const known = wellKnownFunctions[name];
    if (known === undefined) throw new Error(`${name}() is no function of the library`);
    const left = argument(searched);
    const right = argument(wanted);
    if (left.kind === Kind.Array) {
      for (const item of left.values()) budget.spend(1 + lengthOf(item) + lengthOf(right));
    } else {
      budget.spend(lengthOf(left) + lengthOf(right));
    }
    return known.call(left, right);
  };
}

function lengthOf(data: ExpressionData): number {
  return data.kind === Kind.String ? data.coerceString().length : 0;
}

/** The parser has counted them, so it is there. */
function argument(data: ExpressionData | undefined): ExpressionData {
  if (data === undefined) throw expressionFailed('an argument is missing');
  return data;
}
