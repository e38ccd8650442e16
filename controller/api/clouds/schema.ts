import { z } from 'zod';
import { Count, NodeState, Time } from '../http/fields.ts';

const CountByState = z
  .partialRecord(NodeState, Count)
  .meta({ description: 'Nodes that are not yet gone, by state.' });

export const Cloud = z
  .object({
    name: z.string(),
    kind: z.string(),
    maxNodes: Count.nullable(),
    capabilities: z.object({
      snapshot: z.boolean(),
      console: z.boolean(),
      privateNetwork: z.boolean(),
      reboot: z.boolean(),
    }),
    problem: z
      .object({ message: z.string(), at: Time })
      .nullable()
      .meta({ description: 'What last went wrong since it last worked.' }),
    templates: z.array(
      z.object({
        name: z.string(),
        labels: z.array(z.string()),
        maxNodes: Count.nullable(),
        minReady: Count,
        nodes: CountByState,
      }),
    ),
  })
  .meta({ id: 'Cloud' });
export type Cloud = z.infer<typeof Cloud>;

export const CloudList = z.object({ clouds: z.array(Cloud) }).meta({ id: 'CloudList' });
export type CloudList = z.infer<typeof CloudList>;
