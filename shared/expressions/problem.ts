import { FootmanError } from '#shared/errors';

/** What is wrong with an expression, where in the text that holds it. */
export interface ExpressionProblem {
  message: string;
  /** What the reader can do about it. */
  hint?: string;
  /** In the text that was checked, in UTF-16 code units. */
  index: number;
}

export function problem(index: number, message: string, hint?: string): ExpressionProblem {
  return hint === undefined ? { message, index } : { message, hint, index };
}

export function moved(problem: ExpressionProblem, by: number): ExpressionProblem {
  return { ...problem, index: problem.index + by };
}

/** What evaluation throws; the value that caused it is never part of the sentence, because it may be a secret. */
export function expressionFailed(message: string, hint?: string): FootmanError {
  return new FootmanError('expression-failed', message, hint === undefined ? {} : { hint });
}
