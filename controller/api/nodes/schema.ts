import { z } from 'zod';
import { Count, Flag, Id, NodeState, Time } from '../http/fields.ts';

export const NodeParams = z.strictObject({ node: Id });

export const NodeQuery = z.strictObject({
  all: Flag.optional().meta({ description: 'With those that are gone; the newest first, at most 1000.' }),
});

export const Node = z
  .object({
    id: Id,
    cloud: z.string(),
    template: z.string(),
    labels: z.array(z.string()),
    state: NodeState,
    stateSince: Time,
    reason: z.string().nullable(),
    resource: z.string().nullable().meta({ description: "The cloud's own handle." }),
    facts: z
      .object({
        os: z.string(),
        architecture: z.string(),
        kernel: z.string(),
        hostname: z.string(),
        cpus: Count,
        memoryBytes: Count,
        diskFreeBytes: Count,
      })
      .nullable()
      .meta({ description: "The node's own words." }),
    connected: z.boolean(),
    removalFailures: Count,
    createdAt: Time,
    readyAt: Time.nullable(),
    leasedAt: Time.nullable(),
    deletedAt: Time.nullable(),
  })
  .meta({ id: 'Node' });
export type Node = z.infer<typeof Node>;

export const NodeList = z.object({ nodes: z.array(Node) }).meta({ id: 'NodeList' });
export type NodeList = z.infer<typeof NodeList>;
