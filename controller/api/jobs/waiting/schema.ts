import { tryTimezone } from '#shared/cron';
import { z } from 'zod';
import {
  Count,
  Id,
  JobState,
  NodeState,
  RequestState,
  Result,
  Time,
  VersionName,
} from '../../http/fields.ts';

export const WaitingQuery = z.strictObject({
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'is no time zone; write one such as Europe/Zurich')
    .optional()
    .meta({ description: 'The zone of the times in sentences; UTC if left out.' }),
});

const Code = z
  .enum([
    'quota',
    'project-quota',
    'reserve',
    'rate',
    'breaker',
    'cordoned',
    'hosts',
    'labels',
    'image',
    'aborted',
    'failed',
    'refused',
  ])
  .meta({
    description:
      '`failed`, `aborted` and `refused` are its own words; with all others it was not even asked.',
  });

const Decline = z.object({
  cloud: z.string(),
  template: z.string(),
  code: Code,
  reason: z.string(),
  final: z.boolean().meta({ description: 'It will not be asked again for this job.' }),
  at: Time,
});

const Candidate = z.object({
  cloud: z.string(),
  template: z.string(),
  verdict: z
    .enum(['open', 'declined', 'final'])
    .meta({ description: 'It would launch a node now; not now; or never for this job.' }),
  code: Code.nullable(),
  reason: z.string().nullable().meta({ description: 'Why not, as one sentence.' }),
  until: Time.nullable().meta({
    description: 'When that ends by itself; null when something has to happen first.',
  }),
  image: VersionName.nullable().meta({
    description: 'The version of an image stream that its node would be made from now.',
  }),
});

const NodeOnItsWay = z.object({
  id: Id,
  cloud: z.string(),
  template: z.string(),
  state: NodeState,
  since: Time.meta({ description: 'When it was planned.' }),
  usualMs: Count.nullable().meta({
    description:
      'Within so many milliseconds half of its kind are ready; null while too few starts are known.',
  }),
  sentence: z.string(),
});

export const Waiting = z
  .object({
    jobId: Id,
    state: JobState,
    since: Time,
    until: Time.nullable().meta({
      description: 'When it gives up waiting for a node; null when it does not wait.',
    }),
    sentence: z.string().meta({ description: 'The answer in one line.' }),
    needs: z.array(z.object({ key: z.string(), state: JobState, result: Result.nullable() })),
    requests: z.array(
      z.object({
        id: Id,
        role: z.string(),
        runsOn: z.string(),
        state: RequestState,
        since: Time,
        reason: z.string().nullable(),
        declines: z.array(Decline),
      }),
    ),
    candidates: z.array(Candidate).meta({
      description: 'The templates that could serve it, as of now, in the order in which they are asked.',
    }),
    nodes: z.array(NodeOnItsWay).meta({ description: 'Its nodes that are on their way.' }),
    ahead: Count.nullable().meta({ description: 'Jobs before it in the queue; null when it is not in it.' }),
    estimate: z
      .object({
        at: Time.nullable(),
        sentence: z.string().meta({ description: 'With how sure it is.' }),
      })
      .nullable()
      .meta({ description: 'When it may have its node; null where nobody can tell.' }),
  })
  .meta({ id: 'Waiting' });
export type Waiting = z.infer<typeof Waiting>;

function isTimeZone(timeZone: string): boolean {
  return tryTimezone(timeZone).ok;
}
