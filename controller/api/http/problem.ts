import { z } from 'zod';
import { FootmanError, type ErrorCode } from '#shared/errors';

/** One thing that is wrong with what was sent. A document's problem has a place in the file, a request's a path in its JSON. */
export const Problem = z
  .object({
    message: z.string(),
    hint: z.string().optional(),
    file: z.string().optional(),
    line: z.int().optional().meta({ description: 'Counted from 1.' }),
    column: z.int().optional().meta({ description: 'Counted from 1.' }),
    path: z.string().optional(),
    job: z.string().optional(),
    severity: z
      .literal('warning')
      .optional()
      .meta({ description: 'It would not have been refused for this alone.' }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** An error that carries every problem found, so that a reader can mend them all at once. */
export class ProblemsError extends FootmanError {
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    message: string,
    problems: readonly Problem[],
    options: { hint?: string } = {},
  ) {
    super(code, message, options);
    this.problems = problems;
  }
}
