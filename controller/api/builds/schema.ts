import { z } from 'zod';
import { BuildName, BuildState, Count, Id, number, Reason, Result, Time } from '../http/fields.ts';
import { Resumption } from '../holds/schema.ts';
import { Job } from '../jobs/schema.ts';
import { NewSource } from '../sources/schema.ts';
import { TestCounts } from '../tests/schema.ts';

export const BuildParams = z.strictObject({ build: BuildName });

/** Texts come from whoever pushed: they are to be shown, never to be run. */
const Trigger = z.object({
  event: z.enum(['manual', 'push', 'pull-request', 'schedule', 'preparation', 'resume']),
  branch: z.string().optional(),
  tag: z.string().optional(),
  title: z.string().optional(),
  author: z.string().optional(),
  actor: z.string().optional(),
  pullRequest: z
    .object({
      number: z.int(),
      title: z.string(),
      author: z.string(),
      branch: z.string(),
      base: z.string(),
      fork: z.boolean(),
    })
    .optional(),
});

export const BuildSummary = z
  .object({
    id: Id,
    number: z.int().positive(),
    pipeline: z.string(),
    file: z.string(),
    state: BuildState,
    result: Result.nullable(),
    reason: z.string().nullable().meta({ description: 'One sentence, where the result does not say all.' }),
    source: z
      .object({ commit: z.string(), ref: z.string().nullable(), bytes: Count, sha256: z.string() })
      .nullable(),
    projectId: Id.nullable(),
    trigger: Trigger,
    parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    trust: z
      .enum(['trusted', 'fork'])
      .meta({ description: 'What runs for a fork gets no secrets, and saves no cache for others.' }),
    concurrencyGroup: z.string().nullable(),
    rerunOf: Id.nullable().meta({ description: 'The build that this one repeats.' }),
    cancelRequested: z.boolean(),
    pinned: z
      .object({ by: z.string(), at: Time, reason: z.string().nullable() })
      .nullable()
      .meta({ description: 'Who keeps it from going, since when and why.' }),
    createdAt: Time,
    startedAt: Time.nullable(),
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'BuildSummary' });
export type BuildSummary = z.infer<typeof BuildSummary>;

export const Build = BuildSummary.extend({
  jobs: z.array(Job),
  tests: TestCounts.nullable().meta({ description: 'Of the last attempts of its jobs; null without any.' }),
}).meta({ id: 'Build' });
export type Build = z.infer<typeof Build>;

export const BuildList = z
  .object({
    builds: z.array(BuildSummary),
    next: z
      .int()
      .nullable()
      .meta({ description: 'Send it as `before` for the older builds; null when there are none.' }),
  })
  .meta({ id: 'BuildList' });
export type BuildList = z.infer<typeof BuildList>;

export const BuildQuery = z.strictObject({
  limit: number({ least: 1, most: 200 }).default(30),
  before: number({ least: 1 }).optional().meta({ description: 'Only builds with a smaller number.' }),
  state: BuildState.optional(),
  pipeline: z.string().max(256).optional(),
});

/** Characters of a pipeline; larger ones meet the limit on the whole request first, or the parser's own. */
const MAX_PIPELINE = 1024 * 1024;

export const NewBuild = z
  .strictObject({
    file: z.string().min(1).max(4096).meta({ description: "The pipeline file's name, for people." }),
    pipeline: z.string().max(MAX_PIPELINE).meta({ description: 'The pipeline, in YAML.' }),
    templates: z.record(z.string().max(1024), z.string().max(MAX_PIPELINE)).optional().meta({
      description:
        'Files that the pipeline uses templates of, by their path in the repository, such as `ci/common.yaml`.',
    }),
    parameters: z
      .record(z.string().max(256), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .meta({
        description: "Values of the pipeline's parameters; those that are left out have their defaults.",
      }),
    source: NewSource.optional().meta({ description: 'What POST /sources returned.' }),
    runsOn: z
      .string()
      .min(1)
      .max(65_536)
      .optional()
      .meta({ description: "A label expression that stands in for every job's own." }),
  })
  .meta({ id: 'NewBuild' });
export type NewBuild = z.infer<typeof NewBuild>;

export const Cancellation = z
  .strictObject({
    reason: z.string().min(1).max(1000).optional(),
    force: z
      .boolean()
      .default(false)
      .meta({ description: 'Ends everything at once: no grace, no post steps, no artifacts.' }),
  })
  .meta({ id: 'Cancellation' });

const hold = Resumption.optional().meta({ description: 'Holds the nodes of those of its jobs that fail.' });

export const RerunRequest = z
  .discriminatedUnion('which', [
    z.strictObject({ which: z.literal('all'), hold }),
    z.strictObject({
      hold,
      which: z.literal('failed').meta({ description: 'Jobs that failed, and what needs them.' }),
    }),
    z.strictObject({
      hold,
      which: z.literal('job').meta({ description: 'One job, and what needs it.' }),
      job: z
        .string()
        .min(1)
        .max(1000)
        .meta({ description: 'Its key, or its id for all cells of its matrix.' }),
    }),
  ])
  .meta({ id: 'RerunRequest' });

export const NewPin = z.strictObject({ reason: Reason.optional() }).meta({ id: 'NewPin' });

/** A build that nobody finds any more. */
export const DeletedBuild = z.object({ id: Id, number: z.int().positive() }).meta({ id: 'DeletedBuild' });
export type DeletedBuild = z.infer<typeof DeletedBuild>;
