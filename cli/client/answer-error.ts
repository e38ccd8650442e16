import type { ErrorAnswer, Problem } from '#controller/api';
import { CATALOGUE, FootmanError, type ErrorCode } from '#shared/errors';

/** An error that a controller answered with. */
export class AnswerError extends FootmanError {
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, hint: string | undefined, problems: readonly Problem[]) {
    super(code, message, hint === undefined ? {} : { hint });
    this.problems = problems;
  }
}

/** The error in the body of an answer; one that is not in Footman's words comes from something in between, or something else. */
export function answerError(status: number, body: string): FootmanError {
  const error = parse(body)?.error;
  if (error !== undefined && error.code in CATALOGUE) {
    return new AnswerError(error.code, error.message, error.hint, error.problems ?? []);
  }
  return new FootmanError(
    'controller-unreachable',
    `what answers is no Footman controller (HTTP ${status})`,
    {
      hint: 'check the URL in --controller or FOOTMAN_URL',
    },
  );
}

function parse(body: string): Partial<ErrorAnswer> | undefined {
  try {
    return JSON.parse(body) as Partial<ErrorAnswer>;
  } catch {
    return undefined;
  }
}
