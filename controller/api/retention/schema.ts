import { z } from 'zod';
import { Count, Flag, Id, number, Result, Time } from '../http/fields.ts';

export const RetentionQuery = z.strictObject({
  staying: Flag.default(false).meta({ description: 'Also builds that stay, and why.' }),
  limit: number({ least: 1, most: 10_000 })
    .default(200)
    .meta({ description: 'Most builds of each of the two lists.' }),
});

const Fate = z.object({
  id: Id,
  number: z.int().positive(),
  pipeline: z.string(),
  branch: z.string().nullable(),
  result: Result.nullable(),
  finishedAt: Time.nullable(),
  bytes: Count.meta({ description: 'What its artifacts and logs take in the storage.' }),
  reason: z.string().meta({ description: 'Why it goes, or stays; a sentence that follows "because".' }),
  dueAt: Time.nullable().meta({ description: 'When its age has it go.' }),
});

export const RetentionPlan = z
  .object({
    going: z.array(Fate),
    staying: z.array(Fate),
    counts: z.object({ going: Count, builds: Count }).meta({ description: 'However long the lists are.' }),
    bytes: Count.nullable().meta({
      description: 'What everything takes in the storage; null where nothing limits that.',
    }),
  })
  .meta({ id: 'RetentionPlan' });
export type RetentionPlan = z.infer<typeof RetentionPlan>;
