import type { Contexts, EvaluateOptions } from '#shared/expressions';
import { FootmanError } from '#shared/errors';
import { createEvaluator } from './evaluated.ts';
import { MAX_ENV_BYTES, MAX_VARIABLE_BYTES } from '../limits.ts';
import type { Env } from '../template.ts';

/**
 * Within what a program can be started with, and what one message to an agent holds.
 *
 * @throws FootmanError `expression-failed`, or `HashNeeded`
 */
export function resolveEnv(
  env: Env,
  contexts: Contexts,
  options: EvaluateOptions = {},
): Record<string, string> {
  const { text } = createEvaluator(contexts, options);
  let left = MAX_ENV_BYTES;
  const variables = Object.entries(env).map(([name, template]): [string, string] => {
    const value = text(template, `env.${name}`);
    const bytes = Buffer.byteLength(value);
    left -= bytes;
    if (bytes > MAX_VARIABLE_BYTES) throw tooLong(`env.${name}`, bytes, MAX_VARIABLE_BYTES);
    if (left < 0) throw tooLong('env', MAX_ENV_BYTES - left, MAX_ENV_BYTES);
    return [name, value];
  });
  return Object.fromEntries(variables);
}

function tooLong(field: string, bytes: number, most: number): FootmanError {
  return new FootmanError('expression-failed', `${field} has ${bytes} bytes; at most ${most} are allowed`, {
    hint: 'write it to a file instead',
  });
}
