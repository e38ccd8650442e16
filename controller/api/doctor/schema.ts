import { z } from 'zod';
import { Count, HostState, NodeState, Time } from '../http/fields.ts';

const Verdict = z.enum(['kept', 'suspected', 'removed', 'lost']).meta({
  description:
    '`kept`: as it should be; `suspected`: looks wrong, the next listing decides; `removed`: leaked, the sweep removes it; `lost`: the sweep gives the node up.',
});

const Resource = z.object({
  id: z.string(),
  kind: z.string(),
  node: z.string(),
  createdAt: Time,
  verdict: Verdict,
  reason: z.string(),
});

const MissingNode = z.object({
  node: z.string(),
  template: z.string(),
  state: NodeState,
  createdAt: Time,
  verdict: Verdict,
  reason: z.string(),
});

const CloudReport = z.object({
  name: z.string(),
  kind: z
    .string()
    .nullable()
    .meta({ description: 'Null for one that is not configured any more, and still has nodes.' }),
  error: z.string().nullable().meta({ description: "Why it can't be listed now." }),
  listedAt: Time.nullable().meta({
    description: 'When the sweep last listed it with success, since the controller started.',
  }),
  resources: z.array(Resource).meta({ description: "All that bears the controller's tag." }),
  missing: z.array(MissingNode).meta({ description: 'Living nodes of which the listing shows nothing.' }),
  leaks: z.object({ found: Count, removed: Count }),
});

export const DoctorReport = z
  .object({
    at: Time,
    problems: z
      .array(z.string())
      .meta({ description: 'What is wrong, one sentence each; none when all is well.' }),
    clouds: z.array(CloudReport),
    stranded: z
      .array(MissingNode)
      .meta({ description: 'Living nodes of clouds that nobody knows how to reach any more.' }),
    leaks: z
      .array(
        z.object({
          cloud: z.string(),
          resource: z.string(),
          kind: z.string(),
          node: z.string(),
          reason: z.string(),
          foundAt: Time,
          removedAt: Time.nullable(),
        }),
      )
      .meta({ description: 'What leaked, the newest first, at most 20.' }),
    hosts: z.array(
      z.object({
        cloud: z.string(),
        name: z.string(),
        state: HostState,
        since: Time,
        dueAt: Time.nullable().meta({ description: 'When a quarantined one is reset again.' }),
        reason: z.string().nullable(),
      }),
    ),
    storage: z.object({
      kind: z.string(),
      error: z
        .string()
        .nullable()
        .meta({ description: "Why an object can't be stored, read and removed now." }),
      ms: Count.meta({ description: 'What that took, in milliseconds.' }),
    }),
    machine: z.object({
      freeDiskBytes: Count,
      leastDiskBytes: Count,
      freeMemoryBytes: Count,
      leastMemoryBytes: Count,
    }),
  })
  .meta({ id: 'DoctorReport' });
export type DoctorReport = z.infer<typeof DoctorReport>;
