import type { z } from 'zod';

/** Texts that the schema can read, kept as they are written: so a configuration can be shown, and loaded again. */
export function asWritten<Value>(read: z.ZodPipe<z.ZodString, z.ZodTransform<Value, string>>): z.ZodString {
  return read.in.superRefine((text, context) => {
    for (const issue of read.safeParse(text).error?.issues ?? [])
      context.addIssue({ ...issue, code: 'custom', input: text });
  });
}
