import type { Contexts, EvaluateOptions } from '#shared/expressions';
import { bind } from './binding.ts';
import { createEvaluator } from './evaluated.ts';
import type { Job } from './pipeline.ts';

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
    Object.entries(outputs).map(([name, template]) => [name, text(template, `outputs.${name}`)]),
  );
}
