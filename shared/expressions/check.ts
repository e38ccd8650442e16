import { checkNames } from './check-names.ts';
import { readCondition } from './condition.ts';
import { parseExpression } from './parse.ts';
import type { Place } from './place.ts';
import { moved, type ExpressionProblem } from './problem.ts';
import { splitTemplate, type Segment } from './segments.ts';

/** All problems of a text that may hold `${{ }}`, in the order of the text. Never throws. */
export function checkTemplate(text: string, place: Place): ExpressionProblem[] {
  const { segments, problem } = splitTemplate(text);
  const problems = segments
    .filter(({ kind }) => kind === 'expression')
    .flatMap((segment) => checkExpression(segment, place));
  return problem === undefined ? problems : [...problems, problem];
}

/** All problems of an `if`, with `${{ }}` around it or without. Never throws. */
export function checkCondition(text: string, place: Place): ExpressionProblem[] {
  const condition = readCondition(text);
  return condition.ok ? checkExpression(condition.expression, place) : [condition.problem];
}

function checkExpression({ text, index }: Segment, place: Place): ExpressionProblem[] {
  const parsed = parseExpression(text);
  const problems = parsed.ok ? checkNames(parsed.expression.tokens, place) : [parsed.problem];
  return problems.map((problem) => moved(problem, index));
}
