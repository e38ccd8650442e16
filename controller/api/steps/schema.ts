import { z } from 'zod';
import { Flag, Id, number } from '../http/fields.ts';

export const StepParams = z.strictObject({ step: Id });

/** Which part of a log; at most one of `offset`, `line`, `tail` and `since`. */
export const LogQuery = z
  .strictObject({
    offset: number().optional().meta({ description: 'First byte, from 0.' }),
    length: number().optional().meta({ description: 'Bytes; with `offset`.' }),
    line: number().optional().meta({ description: 'First line, from 0.' }),
    lines: number().optional().meta({ description: 'Lines; with `line`.' }),
    tail: number().optional().meta({ description: 'The last lines.' }),
    since: number()
      .optional()
      .meta({ description: 'What came at or after this time, in milliseconds since the epoch.' }),
    follow: Flag.optional().meta({ description: 'Go on until the step ends.' }),
  })
  .refine(
    ({ offset, line, tail, since }) => [offset, line, tail, since].filter((x) => x !== undefined).length < 2,
    { error: 'takes only one of offset, line, tail and since' },
  )
  .refine(({ follow, length, lines }) => follow !== true || (length ?? lines) === undefined, {
    error: 'has no end when `follow` is on: leave length and lines out',
  });
export type LogQuery = z.infer<typeof LogQuery>;
