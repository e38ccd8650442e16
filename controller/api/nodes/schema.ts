import { z } from 'zod';
import { Count, Flag, Id, NodeState, Time, VersionName } from '../http/fields.ts';

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
    failure: z
      .enum(['aborted', 'launch', 'connect', 'check', 'lost', 'vanished'])
      .nullable()
      .meta({ description: 'What kept it from serving; the reason says more.' }),
    job: z.string().nullable().meta({ description: 'The one that it has or had: BUILD/JOB.' }),
    hold: z
      .object({ id: Id, owner: z.string(), expiresAt: Time.nullable() })
      .nullable()
      .meta({ description: 'Who has it now that its job has ended.' }),
    cordoned: z.string().nullable().meta({ description: 'Why no job may get it.' }),
    resource: z.string().nullable().meta({ description: "The cloud's own handle." }),
    image: z.string().nullable().meta({ description: 'What it was made from, where its cloud says.' }),
    version: VersionName.nullable().meta({
      description: 'The version of an image stream that it is made from.',
    }),
    host: z.string().nullable().meta({ description: 'The static host that it has for itself.' }),
    facts: z
      .object({
        os: z.string(),
        architecture: z.string(),
        kernel: z.string(),
        hostname: z.string(),
        cpus: Count,
        memoryBytes: Count,
        diskFreeBytes: Count,
        diskBytes: Count.meta({ description: 'Zero where it does not tell.' }),
        osId: z.string().nullable().meta({ description: '`ID` of os-release, such as `debian`.' }),
        osVersion: z.string().nullable().meta({ description: '`VERSION_ID` of os-release, such as `12`.' }),
        virtualization: z
          .string()
          .nullable()
          .meta({ description: 'What it runs in: `none`, `docker`, `kvm`, …; null where nobody can tell.' }),
        bootId: z.string().nullable().meta({ description: 'Another one is another boot.' }),
      })
      .nullable()
      .meta({ description: "The node's own words." }),
    connected: z.boolean(),
    rebootDueAt: Time.nullable().meta({
      description: 'Until when its machine has to be back from the reboot that its job asked for.',
    }),
    removalFailures: Count,
    requestedAt: Time.nullable(),
    createdAt: Time,
    launchedAt: Time.nullable(),
    connectedAt: Time.nullable(),
    readyAt: Time.nullable(),
    checkedAt: Time.nullable(),
    leasedAt: Time.nullable(),
    stoppedAt: Time.nullable(),
    deletedAt: Time.nullable(),
  })
  .meta({ id: 'Node' });
export type Node = z.infer<typeof Node>;

export const NodeList = z.object({ nodes: z.array(Node) }).meta({ id: 'NodeList' });
export type NodeList = z.infer<typeof NodeList>;

/** What its last check found, be it that it passed. */
export const NodeChecks = z
  .object({
    at: Time,
    results: z.array(
      z.object({
        name: z.string().meta({ description: 'disk, memory, clock, dns NAME, reach TARGET or script.' }),
        ok: z.boolean(),
        message: z.string().nullable(),
        ms: Count.nullable().meta({ description: 'How long it took, in milliseconds.' }),
      }),
    ),
    output: z.string().meta({ description: 'The last of what the script printed, up to 64 KiB.' }),
  })
  .meta({ id: 'NodeChecks' });
export type NodeChecks = z.infer<typeof NodeChecks>;
