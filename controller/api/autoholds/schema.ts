import { z } from 'zod';
import { Count, Flag, Id, Period, Reason, Time } from '../http/fields.ts';
import { Keys } from '../holds/schema.ts';

export const AutoholdParams = z.strictObject({ autohold: Id });

export const AutoholdQuery = z.strictObject({
  mine: Flag.optional().meta({ description: "Only the caller's own." }),
});

const Glob = z.string().min(1).max(200);
const MOST_FAILURES = 100;

export const NewAutohold = z
  .strictObject({
    project: z.string().min(1).max(64).optional(),
    pipeline: Glob.optional().meta({ description: 'Its name, or a glob.' }),
    job: Glob.optional().meta({ description: 'Its key, its id under `jobs:`, or a glob.' }),
    branch: Glob.optional().meta({ description: 'Its name, or a glob whose `*` takes slashes too.' }),
    count: z.int().min(1).max(MOST_FAILURES).default(1).meta({ description: 'How many failures it holds.' }),
    for: Period.optional().meta({ description: 'For how long each is held, such as `4h`.' }),
    stands: Period.optional().meta({ description: 'How long the rule stands at most; `7d` if left out.' }),
    reason: Reason.optional(),
    keys: Keys.default([]),
  })
  .meta({ id: 'NewAutohold' });
export type NewAutohold = z.input<typeof NewAutohold>;

export const Autohold = z
  .object({
    id: Id,
    owner: z.string(),
    project: z.string().nullable(),
    pipeline: z.string().nullable(),
    job: z.string().nullable(),
    branch: z.string().nullable(),
    remaining: Count.meta({ description: 'Failures that it still holds.' }),
    count: Count,
    forMs: z.int().nullable(),
    reason: z.string().nullable(),
    createdAt: Time,
    expiresAt: Time.meta({ description: 'When it is over at the latest.' }),
    endedAt: Time.nullable(),
  })
  .meta({ id: 'Autohold' });
export type Autohold = z.infer<typeof Autohold>;

export const AutoholdList = z.object({ autoholds: z.array(Autohold) }).meta({ id: 'AutoholdList' });
export type AutoholdList = z.infer<typeof AutoholdList>;
