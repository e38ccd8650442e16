import type { z } from 'zod';
import { FootmanError } from '#shared/errors';
import { MARK } from './scripts/common.ts';

/**
 * What a script of ours told by name. What the login's shell said besides is passed over.
 *
 * @throws FootmanError `cloud-unavailable` where it is not what the script tells
 */
export function parseAnswer<T>(output: string, schema: z.ZodType<T>, title: string): T {
  const answer = schema.safeParse(Object.fromEntries(pairsOf(output)));
  if (answer.success) return answer.data;
  const names = answer.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new FootmanError('cloud-unavailable', `${title} gives a wrong answer about ${names || 'itself'}`);
}

/** Names and values, in order. */
export function pairsOf(output: string): [string, string][] {
  return output.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return line.startsWith(MARK) && at !== -1 ? [[line.slice(MARK.length, at), line.slice(at + 1)]] : [];
  });
}

/** What comes after a mark that stands alone; undefined where there is no such mark. */
export function textOf(output: string): string | undefined {
  const at = `\n${output}`.indexOf(`\n${MARK}\n`);
  return at === -1 ? undefined : output.slice(at + MARK.length + 1);
}
