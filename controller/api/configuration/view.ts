import { ConfigurationMistakes } from '#controller/config';
import { ReloadRefused } from '#controller/configuration';
import { FootmanError } from '#shared/errors';
import { ProblemsError, type Problem } from '../http/problem.ts';

/** The mistakes of a configuration, where that is what was thrown. */
export function mistakesIn(thrown: unknown): Problem[] | undefined {
  if (thrown instanceof ConfigurationMistakes) {
    return thrown.problems.map(({ file, line, column, message, hint }) => ({
      file,
      line,
      column,
      message,
      ...(hint === undefined ? {} : { hint }),
    }));
  }
  if (!(thrown instanceof FootmanError) || thrown.code !== 'configuration-invalid') return undefined;
  const { message, hint } = thrown;
  return [{ message, ...(hint === undefined ? {} : { hint }) }];
}

/** The error as the API tells it, with every mistake and every refused change of its own. */
export function refusalOf(thrown: unknown): unknown {
  if (thrown instanceof ReloadRefused) {
    const problems = thrown.refused.map(({ path, sentence, why }) => ({
      path: path.join('.'),
      message: `${sentence}: ${why}`,
    }));
    return new ProblemsError(
      'conflict',
      'nothing was reloaded: nodes still need what would change',
      problems,
    );
  }
  const mistakes = mistakesIn(thrown);
  if (mistakes === undefined) return thrown;
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
  const message = `the configuration has ${count}; nothing was reloaded`;
  return new ProblemsError('configuration-invalid', message, mistakes);
}
