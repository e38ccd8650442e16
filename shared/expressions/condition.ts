import { problem, type ExpressionProblem } from './problem.ts';
import { OPEN, splitTemplate, type Segment } from './segments.ts';

export type ReadCondition = { ok: true; expression: Segment } | { ok: false; problem: ExpressionProblem };

/** The expression of an `if`: all of its text, or what is inside of the one `${{ }}` around it. */
export function readCondition(text: string): ReadCondition {
  const start = text.length - text.trimStart().length;
  if (!text.startsWith(OPEN, start)) {
    return { ok: true, expression: { kind: 'expression', text, index: 0 } };
  }
  const { segments, problem: unclosed } = splitTemplate(text.trim());
  const [expression, other] = segments;
  if (unclosed !== undefined) return { ok: false, problem: { ...unclosed, index: unclosed.index + start } };
  if (expression !== undefined && other === undefined) {
    return { ok: true, expression: { ...expression, index: expression.index + start } };
  }
  const message = 'an `if` is one expression, and more stands beside its `${{ }}`';
  const hint = 'put the whole condition inside one `${{ }}`, or leave `${{ }}` out';
  return { ok: false, problem: problem((other?.index ?? 0) + start, message, hint) };
}
