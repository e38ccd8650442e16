import { z } from 'zod';
import { bytes, duration } from '#shared/quantity';

/** What is kept, and for how long: `retention` in footman.yaml. */

const keep = {
  age: duration.optional().describe('Builds older than that go; none for their age if left out.'),
  'at-least': z
    .int()
    .nonnegative()
    .default(10)
    .describe('So many of the newest builds of each pipeline and branch stay, however old.'),
  'at-most': z
    .int()
    .positive()
    .optional()
    .describe('More builds of one pipeline and branch than that go, the oldest first.'),
};

const names = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(100)]);

export const retentionSection = z
  .strictObject({
    ...keep,
    rules: z
      .array(
        z.strictObject({
          branches: names.describe(
            'Globs of branches, such as `release/*`; `!` before one takes away again.',
          ),
          projects: names.optional().describe('Names of projects; all if left out.'),
          ...keep,
        }),
      )
      .max(100)
      .default([])
      .describe('What holds for some branches instead: the first rule that fits counts.'),
    artifacts: duration
      .optional()
      .describe(
        'Artifacts that do not say themselves how long go after that; with their builds if left out.',
      ),
    bytes: bytes
      .optional()
      .describe('More than that in the storage, and the oldest builds go first; no limit if left out.'),
    interval: duration.prefault('10m').describe('Between two looks at what may go.'),
  })
  .prefault({})
  .describe(
    'How long builds are kept, with all that they left. Pinned builds stay, and so does the last good build of each pipeline and branch.',
  );
