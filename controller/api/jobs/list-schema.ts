import { z } from 'zod';
import { Id, JobState, number, Result, Time } from '../http/fields.ts';

const Text = z.string().min(1).max(1000);

export const JobsQuery = z
  .strictObject({
    limit: number({ least: 1, most: 200 }).default(30),
    before: Id.optional().meta({ description: 'Only jobs that were made before this one.' }),
    project: Text.optional(),
    pipeline: Text.optional(),
    branch: Text.optional(),
    state: JobState.optional(),
    result: Result.optional(),
    since: number().optional().meta({ description: 'Only jobs that were made at this time, or later.' }),
    until: number().optional().meta({ description: 'Only jobs that were made before this time.' }),
    label: z
      .union([Text, z.array(Text).max(16)])
      .transform((label) => [label].flat())
      .optional()
      .meta({ description: 'Of the nodes that the job got; said more than once, it needs all of them.' }),
    node: Id.optional(),
    test: Text.optional().meta({ description: 'Only jobs that told of a test of this name.' }),
  })
  .meta({ id: 'JobsQuery' });

export const JobSummary = z
  .object({
    id: Id,
    buildId: Id,
    build: z.int().positive().meta({ description: 'Number of its build.' }),
    pipeline: z.string(),
    project: z.string().nullable(),
    branch: z.string().nullable(),
    key: z.string(),
    name: z.string(),
    state: JobState,
    result: Result.nullable(),
    reason: z.string().nullable(),
    attempt: z.int().positive(),
    superseded: z.boolean().meta({ description: 'A later attempt has taken its place.' }),
    runsOn: z.string(),
    queuedAt: Time.nullable(),
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'JobSummary' });
export type JobSummary = z.infer<typeof JobSummary>;

export const JobList = z
  .object({
    jobs: z.array(JobSummary),
    next: Id.nullable().meta({
      description: 'Send it as `before` for the older jobs; null when there are none.',
    }),
  })
  .meta({ id: 'JobList' });
export type JobList = z.infer<typeof JobList>;
