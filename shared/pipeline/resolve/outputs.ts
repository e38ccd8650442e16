import type { Contexts, EvaluateOptions } from '#shared/expressions';
import { bind } from './binding.ts';
import { FootmanError } from '#shared/errors';
import { createEvaluator } from './evaluated.ts';
import { MAX_OUTPUTS_LENGTH, MAX_OUTPUT_LENGTH } from '../limits.ts';
import type { Job } from '../pipeline.ts';

/**
 * A job's declared outputs, once its steps have ended.
 *
 * @throws FootmanError `expression-failed`, or `HashNeeded`
 */
export function resolveOutputs(
  { outputs, binding }: Pick<Job, 'outputs' | 'binding'>,
  contexts: Contexts,
  options: EvaluateOptions = {},
): Record<string, string> {
  const { text } = createEvaluator(bind(contexts, binding), options);
  let length = 0;
  return Object.fromEntries(
    Object.entries(outputs).map(([name, template]) => {
      const value = text(template, `outputs.${name}`);
      length += name.length + value.length;
      if (value.length > MAX_OUTPUT_LENGTH)
        throw tooLong(`outputs.${name} has ${value.length} characters`, MAX_OUTPUT_LENGTH);
      if (length > MAX_OUTPUTS_LENGTH)
        throw tooLong(`outputs: up to ${name} they have ${length} characters together`, MAX_OUTPUTS_LENGTH);
      return [name, value];
    }),
  );
}

function tooLong(what: string, most: number): FootmanError {
  return new FootmanError('expression-failed', `${what}; at most ${most} are allowed`);
}
