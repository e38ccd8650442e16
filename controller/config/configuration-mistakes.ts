import { formatProblem, type Problem } from '#shared/document';
import { FootmanError } from '#shared/errors';

/** A configuration that can't be used; its message has all mistakes, one a line. */
export class ConfigurationMistakes extends FootmanError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('configuration-invalid', problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}
