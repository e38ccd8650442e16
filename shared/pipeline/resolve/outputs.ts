import type { Contexts, EvaluateOptions } from '#shared/expressions';
import { bind } from './binding.ts';
import { FootmanError } from '#shared/errors';
import { createEvaluator } from './evaluated.ts';
import { MAX_OUTPUT_LENGTH } from '../limits.ts';
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
  return Object.fromEntries(
    Object.entries(outputs).map(([name, template]) => {
      const value = text(template, `outputs.${name}`);
      if (value.length <= MAX_OUTPUT_LENGTH) return [name, value];
      const sentence = `outputs.${name} has ${value.length} characters; at most ${MAX_OUTPUT_LENGTH} are allowed`;
      throw new FootmanError('expression-failed', sentence);
    }),
  );
}
