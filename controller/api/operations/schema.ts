import { z } from 'zod';
import { Count, Flag, Id, Reason, Time } from '../http/fields.ts';
import { Node } from '../nodes/schema.ts';

const TARGET = 'A cloud (docker), a template (docker/debian) or the id of a node.';

export const TargetParams = z.strictObject({
  target: z
    .array(z.string().max(64))
    .max(2)
    .transform((parts) => parts.join('/'))
    .meta({ type: 'string', description: TARGET }),
});

export const NewCordon = z
  .strictObject({ reason: Reason.nullable().default(null) })
  .meta({ id: 'NewCordon' });
export type NewCordon = z.input<typeof NewCordon>;

export const Cordon = z
  .object({
    kind: z.enum(['cloud', 'template', 'node']),
    target: z.string().meta({ description: TARGET }),
    reason: z.string(),
    actor: z
      .string()
      .nullable()
      .meta({ description: "Who made it; for nodes, that stands in the cordon's event." }),
    at: Time.nullable(),
  })
  .meta({ id: 'Cordon' });
export type Cordon = z.infer<typeof Cordon>;

export const CordonList = z.object({ cordons: z.array(Cordon) }).meta({ id: 'CordonList' });
export type CordonList = z.infer<typeof CordonList>;

export const Uncordoned = z
  .object({ cordon: Cordon.nullable().meta({ description: 'What stood; null when nothing did.' }) })
  .meta({ id: 'Uncordoned' });
export type Uncordoned = z.infer<typeof Uncordoned>;

export const Drain = z
  .object({
    cordon: Cordon.nullable(),
    retired: Count.meta({ description: 'Nodes that this call has sent away.' }),
    left: z.array(Node).meta({
      description:
        'Nodes that are not yet gone: those with a job go when it ends, held ones when they are released.',
    }),
  })
  .meta({ id: 'Drain' });
export type Drain = z.infer<typeof Drain>;

export const DeletionParams = z.strictObject({ node: Id });

export const DeletionQuery = z.strictObject({
  force: Flag.optional().meta({ description: 'Also with a job, which then ends `errored`.' }),
  reason: Reason.optional(),
});
