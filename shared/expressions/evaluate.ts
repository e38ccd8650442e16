import type { ExpressionData } from '@actions/expressions/data/index';
import { truthy } from '@actions/expressions/result';
import { createBudget, type Budget } from './budget.ts';
import { readCondition } from './condition.ts';
import { toValue } from './data.ts';
import { createEvaluation, type Evaluate } from './evaluation.ts';
import { placeFunctions, type EvaluateOptions } from './place-functions.ts';
import { expressionFailed } from './problem.ts';
import { OPEN, splitTemplate, type Segment } from './segments.ts';
import type { Contexts, Status, Value } from './value.ts';

/** Whether there is anything to evaluate in the text. */
export function isTemplate(text: string): boolean {
  return text.includes(OPEN);
}

/**
 * The value of one `${{ }}` that is the whole text, with its type; else the text with every `${{ }}` replaced. What comes out is final:
 * `${{` in it means nothing.
 * @throws FootmanError `expression-failed`; HashNeeded, when it calls hashFiles() and `options.hashFiles` doesn't know the hash yet.
 */
export function evaluateTemplate(text: string, contexts: Contexts, options: EvaluateOptions = {}): Value {
  const { segments, budget, evaluate } = prepared(text, contexts, options);
  const [first, second] = segments;
  return first?.kind === 'expression' && second === undefined
    ? toValue(evaluate(first.text))
    : joined(segments, budget, evaluate);
}

/** The same, as text: null is nothing, and a list or a mapping is refused. */
export function evaluateText(text: string, contexts: Contexts, options: EvaluateOptions = {}): string {
  const { segments, budget, evaluate } = prepared(text, contexts, options);
  return joined(segments, budget, evaluate);
}

/** Whether an `if` holds. A caller adds `success()` by itself, where `callsStatusFunction` says that nothing of the kind is called. */
export function evaluateCondition(
  text: string,
  contexts: Contexts,
  status: Status,
  options: EvaluateOptions = {},
): boolean {
  const condition = readCondition(text);
  if (!condition.ok) throw expressionFailed(condition.problem.message, condition.problem.hint);
  const evaluate = createEvaluation(contexts, placeFunctions(options, status), createBudget());
  return truthy(evaluate(condition.expression.text));
}

interface Prepared {
  segments: readonly Segment[];
  budget: Budget;
  evaluate: Evaluate;
}

function prepared(text: string, contexts: Contexts, options: EvaluateOptions): Prepared {
  const { segments, problem } = splitTemplate(text);
  if (problem !== undefined) throw expressionFailed(problem.message, problem.hint);
  const budget = createBudget();
  return {
    segments,
    budget,
    evaluate: createEvaluation(contexts, placeFunctions(options, undefined), budget),
  };
}

function joined(segments: readonly Segment[], budget: Budget, evaluate: Evaluate): string {
  let text = '';
  for (const segment of segments) {
    const part = segment.kind === 'text' ? segment.text : textOf(evaluate(segment.text), segment.text);
    budget.text(text.length + part.length);
    text += part;
  }
  return text;
}

function textOf(data: ExpressionData, source: string): string {
  if (data.primitive) return data.coerceString();
  const kind = Array.isArray(toValue(data)) ? 'list' : 'mapping';
  throw expressionFailed(
    `\${{ ${source.trim().slice(0, 80)} }} is a ${kind}, and text is needed`,
    'take a value out of it, or write toJSON(…)',
  );
}
