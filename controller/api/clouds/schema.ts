import { z } from 'zod';
import { Count, NodeState, Time } from '../http/fields.ts';

const CountByState = z
  .partialRecord(NodeState, Count)
  .meta({ description: 'Nodes that are not yet gone, by state.' });

function limited(unit: string) {
  return z.object({
    limit: z.number().nullable().meta({ description: 'Null is no limit.' }),
    used: z.number().meta({ description: `${unit} of nodes that are not yet gone.` }),
  });
}

const Quota = z.object({
  nodes: limited('Number'),
  cpus: limited('CPUs'),
  memoryBytes: limited('Memory'),
});
export type Quota = z.infer<typeof Quota>;

const Cordon = z
  .object({ reason: z.string(), actor: z.string(), at: Time })
  .nullable()
  .meta({ description: 'Who keeps new nodes from coming, and jobs from its ready ones.' });

const Percentiles = z
  .object({ p50: Count, p90: Count, p95: Count, p99: Count })
  .nullable()
  .meta({ description: 'In milliseconds; null where no node has become ready.' });

const Starts = z
  .object({
    count: Count,
    requestToReady: Percentiles,
    planToReady: Percentiles.meta({ description: 'What a launch takes once a quota has room for it.' }),
    wait: Percentiles.meta({ description: 'From the request to the plan.' }),
    launch: Percentiles.meta({ description: 'Until the cloud has accepted the node.' }),
    connect: Percentiles.meta({ description: 'Until its agent has dialled in.' }),
    check: Percentiles.meta({ description: 'Until it is ready.' }),
  })
  .meta({ description: 'How long its newest nodes took; of the last 500 launches.' });

const Launches = z
  .object({
    successRate: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .meta({ description: 'Null before the first one is over.' }),
    failures: z
      .partialRecord(z.enum(['launch', 'connect', 'check', 'lost', 'vanished']), Count)
      .meta({ description: 'By what failed.' }),
    aborted: Count.meta({ description: 'For want of room in the cloud; they count as neither.' }),
  })
  .meta({ description: 'What became of the last 500 launches.' });

const Template = z.object({
  name: z.string(),
  labels: z.array(z.string()),
  weight: Count,
  cost: z.number(),
  quota: Quota,
  nodes: CountByState,
  pool: z.object({
    target: Count.meta({ description: 'Idle nodes that it should have now.' }),
    idle: Count.meta({ description: 'Nodes that wait for a job.' }),
  }),
  cordon: Cordon,
  breaker: z.object({
    state: z.enum(['closed', 'open', 'half-open']),
    failures: Count.meta({ description: 'In a row.' }),
    reason: z.string().nullable(),
    until: Time.nullable().meta({ description: 'When an open one lets a probe through.' }),
  }),
  starts: Starts,
  launches: Launches,
});

export const Cloud = z
  .object({
    name: z.string(),
    kind: z.string(),
    quota: Quota,
    capabilities: z.object({
      snapshot: z.boolean(),
      console: z.boolean(),
      privateNetwork: z.boolean(),
      reboot: z.boolean(),
    }),
    problem: z
      .object({ message: z.string(), at: Time })
      .nullable()
      .meta({ description: "Why it can't be listed, and since when; null while it can." }),
    cordon: Cordon,
    leaks: z
      .object({ found: Count, removed: Count })
      .meta({ description: 'Resources without a node that the sweep found so far.' }),
    templates: z.array(Template),
  })
  .meta({ id: 'Cloud' });
export type Cloud = z.infer<typeof Cloud>;

export const CloudList = z.object({ clouds: z.array(Cloud) }).meta({ id: 'CloudList' });
export type CloudList = z.infer<typeof CloudList>;
