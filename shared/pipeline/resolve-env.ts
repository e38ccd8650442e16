import type { Contexts, EvaluateOptions } from '#shared/expressions';
import { createEvaluator } from './evaluated.ts';
import type { Env } from './pipeline.ts';

/** @throws FootmanError `expression-failed`, or `HashNeeded` */
export function resolveEnv(
  env: Env,
  contexts: Contexts,
  options: EvaluateOptions = {},
): Record<string, string> {
  const { text } = createEvaluator(contexts, options);
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, text(value, `env.${name}`)]));
}
