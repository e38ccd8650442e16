import { z } from 'zod';
import { Count, Flag, Id, number } from '../http/fields.ts';

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

/** Bytes of a text that is looked for. */
const MAX_TEXT_BYTES = 1024;

export const LogSearchQuery = z.strictObject({
  text: z
    .string()
    .min(1)
    .regex(/^[^\n]*$/, 'is one line of text')
    .refine((text) => Buffer.byteLength(text) <= MAX_TEXT_BYTES, `has more than ${MAX_TEXT_BYTES} bytes`)
    .meta({ description: 'What to look for, as it stands in the log; it is no pattern.' }),
  ignoreCase: Flag.optional().meta({ description: 'A to Z are as good as a to z.' }),
  offset: number()
    .default(0)
    .meta({ description: 'First byte to look at, from 0: `next` of the page before.' }),
  limit: number({ least: 1, most: 1000 }).default(100).meta({ description: 'At most so many lines.' }),
});

/** Lines of a log that have a text, in their order. */
export const LogMatches = z
  .object({
    matches: z.array(
      z.object({
        line: Count.meta({ description: 'Counted from 0.' }),
        offset: Count.meta({ description: 'Of the first byte of the text.' }),
        text: z.string().meta({ description: 'The line, or what is around the text where it is long.' }),
        isCut: z.boolean(),
      }),
    ),
    next: Count.nullable().meta({
      description:
        'Offset to go on at; null when the log was looked through. There may be more even if nothing was found: one call looks through 64 MiB.',
    }),
  })
  .meta({ id: 'LogMatches' });
export type LogMatches = z.infer<typeof LogMatches>;
