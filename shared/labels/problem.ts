import { FootmanError } from '#shared/errors';

/** What is wrong with a label expression, where, and what to do about it. */
export interface LabelProblem {
  /** Where in the source, in UTF-16 code units from 0. It is the source's length when something is missing at the end. */
  offset: number;
  message: string;
  /** What the author may have meant. */
  hint?: string;
}

/** Carries a problem from the depth of the parser to its door; it never leaves this folder. */
export class LabelSyntaxError extends Error {
  override readonly name = 'LabelSyntaxError';
  readonly problem: LabelProblem;

  constructor(problem: LabelProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Stops the parser at `offset`. */
export function refuse(offset: number, message: string, hint?: string): never {
  throw new LabelSyntaxError(hint === undefined ? { offset, message } : { offset, message, hint });
}

/** The problem as an error for a reader, with its column (from 1) in the message. */
export function labelInvalid(what: string, { offset, message, hint }: LabelProblem): FootmanError {
  const sentence = `${what}, column ${offset + 1}: ${message}`;
  return new FootmanError('label-invalid', sentence, hint === undefined ? {} : { hint });
}
