import { Null, type ExpressionData } from '@actions/expressions/data/index';
import { Evaluator } from '@actions/expressions/evaluator';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { FootmanError } from '#shared/errors';
import type { Budget } from './budget.ts';
import { budgetedFunctions, type Implementation } from './budgeted-functions.ts';
import { checkNames, contextOf } from './check-names.ts';
import { toData } from './data.ts';
import { Dictionary } from './dictionary.ts';
import { HashNeeded } from './hash-needed.ts';
import { parseExpression, type ParsedExpression } from './parse.ts';
import type { PlaceFunction } from './functions.ts';
import { expressionFailed } from './problem.ts';
import { CONTEXTS, type Contexts, type Value } from './value.ts';

const LONGEST_SHOWN = 80;

/** Evaluates one expression after the other, all of one text and within one budget. */
export type Evaluate = (source: string) => ExpressionData;

export function createEvaluation(
  contexts: Contexts,
  places: ReadonlyMap<PlaceFunction, Implementation>,
  budget: Budget,
): Evaluate {
  const all = [...budgetedFunctions(budget), ...places];
  const functions = new Map(all.map(([name, call]) => [name.toLowerCase(), definition(name, call)]));
  const converted = new Map<string, ExpressionData>();

  function evaluate(source: string): ExpressionData {
    const { root, tokens } = parse(source, [...places.keys()]);
    const data = new Dictionary();
    for (const { lexeme } of tokens) {
      const name = contextOf(lexeme);
      if (name !== undefined) data.add(name, convertedOnce(name, contexts[name] ?? null));
    }
    return new Evaluator(root, data, functions).evaluate();
  }

  function convertedOnce(name: string, value: Value): ExpressionData {
    const known = converted.get(name) ?? (value === null ? new Null() : toData(value));
    converted.set(name, known);
    return known;
  }

  return (source) => {
    try {
      return evaluate(source);
    } catch (thrown) {
      throw explained(thrown, source);
    }
  };
}

function parse(source: string, functions: readonly PlaceFunction[]): ParsedExpression {
  const parsed = parseExpression(source);
  const problem = parsed.ok
    ? checkNames(parsed.expression.tokens, { contexts: CONTEXTS, functions })[0]
    : parsed.problem;
  if (problem !== undefined) throw expressionFailed(problem.message, problem.hint);
  if (parsed.ok) return parsed.expression;
  throw expressionFailed('the expression is malformed');
}

function definition(name: string, call: Implementation): FunctionDefinition {
  return { name, minArgs: 0, maxArgs: Infinity, call };
}

/** The library wraps what is thrown inside of `[…]`, and has errors of its own, which say little. */
function explained(thrown: unknown, source: string): FootmanError | HashNeeded {
  let cause = thrown;
  while (cause instanceof Error && !(cause instanceof FootmanError) && cause.cause !== undefined)
    cause = cause.cause;
  if (cause instanceof HashNeeded) return cause;
  const shown = source.trim().replaceAll(/\s+/g, ' ');
  const text = shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…` : shown;
  return cause instanceof FootmanError
    ? expressionFailed(`\${{ ${text} }}: ${cause.message}`, cause.hint)
    : new FootmanError('expression-failed', `\${{ ${text} }} can't be evaluated`, { cause });
}
