import { z } from 'zod';
import { Count, Flag } from '../http/fields.ts';

export const FsckQuery = z.strictObject({
  digests: Flag.default(false).meta({
    description:
      'Read every object and compare its SHA-256; otherwise only whether it is there, and its size.',
  }),
});

const counts = { objects: Count, bytes: Count };

/** One line of the answer. */
export const FsckLine = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('finding'),
      problem: z.enum(['missing', 'size', 'digest', 'manifest', 'orphan', 'upload']),
      key: z.string(),
      of: z.string(),
      message: z.string(),
    }),
    z.object({
      kind: z.literal('progress'),
      phase: z.enum(['artifacts', 'logs', 'caches', 'sources', 'orphans']),
      ...counts,
    }),
    z.object({ kind: z.literal('summary'), damaged: Count, orphans: Count, ...counts }),
    z
      .object({ kind: z.literal('error'), code: z.string(), message: z.string() })
      .meta({ description: 'What kept it from coming to its end.' }),
  ])
  .meta({ id: 'FsckLine' });
export type FsckLine = z.infer<typeof FsckLine>;
