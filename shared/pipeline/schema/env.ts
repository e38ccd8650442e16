import { z } from 'zod';
import { MAX_VALUE_LENGTH } from '../limits.ts';
import { ENV_NAME, ID } from '../names.ts';

const value = z.union([z.string().max(MAX_VALUE_LENGTH), z.number(), z.boolean()], {
  error: ({ input }) => (input === null ? 'write "" for an empty one' : undefined),
});

export const env = z
  .record(z.string().meta({ pattern: ENV_NAME.source }), value)
  .describe(
    "Environment variables. A step's override its job's, and those the pipeline's. Numbers and booleans are taken as they are written.",
  );

export const outputs = z
  .record(z.string().meta({ pattern: ID.source }), value)
  .describe(
    'What other jobs may read as `needs.JOB.outputs.NAME`, by name; evaluated when the steps of the job have ended.',
  );

/** Text as it is written stands for a number. */
export type TextsSource = z.output<typeof env>;
