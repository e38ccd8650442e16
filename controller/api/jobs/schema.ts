import { z } from 'zod';
import { Artifact } from '../artifacts/schema.ts';
import { TestCounts } from '../tests/schema.ts';
import { Count, Id, JobState, Result, StepState, Time } from '../http/fields.ts';

export const JobParams = z.strictObject({ job: Id });

export const Step = z
  .object({
    id: Id,
    position: Count,
    phase: z
      .enum(['prepare', 'main', 'save', 'always', 'changed', 'success', 'failure', 'cancelled', 'collect'])
      .meta({
        description:
          "One that prepares its node, one of the job's own, one that saves a cache, a post step, or the one that stores what the job leaves.",
      }),
    name: z.string(),
    state: StepState,
    result: Result.nullable(),
    continueOnError: z.boolean().meta({ description: "Its failure is not the job's." }),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    message: z.string().nullable(),
    logBytes: Count,
    logLines: Count,
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'Step' });
export type Step = z.infer<typeof Step>;

const JobHold = z
  .object({
    id: Id.nullable().meta({ description: 'Null while the job has not ended.' }),
    state: z.enum(['wished', 'held', 'released', 'expired']),
    on: z.enum(['failure', 'end']).nullable().meta({ description: 'Which end of the job it is wished for.' }),
    owner: z.string(),
    reason: z.string().nullable(),
    expiresAt: Time.nullable(),
  })
  .meta({ id: 'JobHold' });

export const Job = z
  .object({
    id: Id,
    buildId: Id,
    key: z.string().meta({ description: 'Its id, and the values of its cell: what people call it.' }),
    base: z.string().meta({ description: 'Its id under `jobs:` in the pipeline: what `needs` names.' }),
    matrix: z.record(z.string(), z.unknown()).nullable().meta({ description: 'Values of its cell.' }),
    name: z.string(),
    state: JobState,
    stateSince: Time,
    result: Result.nullable(),
    reason: z.string().nullable(),
    runsOn: z.string().meta({ description: 'Label expression; empty while it depends on what is to come.' }),
    needs: z.array(z.string()),
    attempt: z.int().positive(),
    superseded: z.boolean().meta({ description: 'A later attempt has taken its place.' }),
    notBefore: Time.nullable().meta({ description: 'When a delayed attempt may be queued.' }),
    priority: Count,
    continueOnError: z.boolean().meta({ description: "Its failure is not the build's." }),
    concurrencyGroup: z.string().nullable(),
    purpose: z
      .enum(['job', 'verify', 'resume'])
      .meta({ description: '`verify`: its node is made from a version that may be promoted.' }),
    preparation: z
      .object({
        state: z.enum(['wanted', 'waiting', 'prepared', 'uncached']).meta({
          description:
            '`wanted`: it is being looked for; `waiting`: it is being made; `prepared`: its nodes are made from it; `uncached`: the job runs the steps itself.',
        }),
        reason: z.string().nullable(),
        streams: z
          .array(z.object({ name: z.string(), cloud: z.string(), template: z.string() }))
          .meta({ description: 'What it waits for, or has.' }),
      })
      .nullable()
      .meta({ description: 'How it comes to its prepared image; null where it wants none.' }),
    hold: JobHold.nullable().meta({ description: 'That its node is, was, or is to be held.' }),
    reusedFrom: Id.nullable().meta({ description: 'The job of another build whose result this is.' }),
    outputs: z.record(z.string(), z.string()),
    cancelRequested: z.boolean(),
    queuedAt: Time.nullable(),
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
    steps: z.array(Step),
    artifacts: z.array(Artifact),
    tests: TestCounts.nullable().meta({ description: 'What its reports of tests say; null without any.' }),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;
