import type { z } from 'zod';
import type { Problem } from './problem.ts';
import { ProblemsError } from './problem.ts';

/** The value as the schema wants it. @throws ProblemsError `request-invalid` that names everything that is wrong. */
export function parse<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(problemOf);
  const first = problems[0];
  const place = first?.path ? ` (${first.path})` : '';
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  throw new ProblemsError(
    'request-invalid',
    `the ${what} is not as this call wants it${place}: ${first?.message ?? 'it is invalid'}${more}`,
    problems,
    first?.hint === undefined ? {} : { hint: first.hint },
  );
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  const { path, message } = issue;
  const hint = issue.code === 'custom' ? issue.params?.['hint'] : undefined;
  return {
    message,
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(path.length === 0 ? {} : { path: path.map(String).join('.') }),
  };
}
