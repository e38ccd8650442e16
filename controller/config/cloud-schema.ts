import { z } from 'zod';
import { cloudKind, cloudKinds } from '#controller/clouds';
import { LABEL_FACTS } from '#controller/fleet';
import { bytes, duration } from '#shared/quantity';
import { timeOfDay, timeZone, toDays } from './week.ts';
import type { FootmanError } from '#shared/errors';
import { parseLabels } from '#shared/labels';
import { STREAM_NAME } from '#shared/pipeline';

const quota = (what: string) => ({
  'max-nodes': z
    .int()
    .positive()
    .optional()
    .describe(`Most nodes ${what} at one time, those being removed included.`),
  'max-cpus': z.number().positive().optional().describe(`Most CPUs of all nodes ${what} together.`),
  'max-memory': bytes.optional().describe(`Most memory of all nodes ${what} together.`),
});

const Window = z.strictObject({
  days: z
    .string()
    .transform(toDays)
    .prefault('mon-sun')
    .describe('Days on which it begins: `mon-fri`, or `sat,sun`.'),
  from: timeOfDay.describe('Such as `08:00`.'),
  to: timeOfDay.describe('Such as `18:00`; one that ends before it begins ends on the next day.'),
  'time-zone': timeZone.default('UTC').describe('Such as `Europe/Berlin`.'),
  'min-ready': z.int().nonnegative().describe('Instead of that of the template, while the window is open.'),
});

const PoolSection = z
  .strictObject({
    schedule: z
      .array(Window)
      .default([])
      .describe('Other numbers at some hours; the first window that is open counts.'),
    learn: z
      .strictObject({
        'cold-starts': z
          .number()
          .gt(0)
          .lt(1)
          .default(0.05)
          .describe('Share of jobs that may find no node ready.'),
        'max-ready': z.int().positive().default(20).describe('Most idle nodes.'),
      })
      .optional()
      .describe('Learns from the jobs of the past how many it takes, instead of min-ready and schedule.'),
    'max-ready-age': duration
      .optional()
      .describe('Age at which an idle node is replaced; never if left out.'),
  })
  .prefault({});

const ChecksSection = z
  .strictObject({
    disk: bytes.optional().describe('Least free space where the workspace is.'),
    memory: bytes.optional().describe('Least memory that programs can still get.'),
    clock: duration.optional().describe("Most by which the node's clock may differ from the controller's."),
    dns: z.array(z.string().min(1).max(253)).max(16).default([]).describe('Names that must resolve.'),
    reach: z
      .array(
        z.string().regex(/^(https?:\/\/\S+|\[?[\w.:-]+\]?:\d{1,5})$/, 'write https://host/path or host:port'),
      )
      .max(16)
      .default([])
      .describe('What must be reachable: https://host/path, or host:port for a TCP connection.'),
    script: z
      .string()
      .min(1)
      .max(65_536)
      .optional()
      .describe('Run by /bin/sh on the node; anything but exit code 0 is a failure.'),
    timeout: duration.prefault('1m').describe('For all checks of a node together.'),
    every: duration.optional().describe('How often an idle node is looked at again; never if left out.'),
  })
  .describe('What makes a node fit for a job. One that fails never gets any.');

/** What every template has, whatever its cloud. */
export const TEMPLATE_KEYS = {
  labels: z.string().transform(toLabels).describe('Words that a job can ask for, separated by spaces.'),
  'facts-as-labels': z
    .array(z.enum(LABEL_FACTS))
    .transform((facts) => [...new Set(facts)])
    .prefault([])
    .describe('What its nodes tell of themselves becomes labels, too, such as `debian-12` or `kvm`.'),
  stream: z
    .string()
    .regex(STREAM_NAME, "a stream's name has lower-case letters, digits, -, _ and . only, at most 64")
    .optional()
    .describe(
      'The image stream whose current version nodes are made from, in the place of `image`. For kinds of clouds that can capture nodes: docker, qemu, fake.',
    ),
  ...quota('of the template'),
  cpus: z.number().positive().optional().describe('CPUs of a node; what a quota on CPUs counts.'),
  memory: bytes.optional().describe('Memory of a node; what a quota on memory counts.'),
  weight: z.int().nonnegative().default(100).describe('Candidates of a greater weight are asked first.'),
  cost: z
    .number()
    .nonnegative()
    .default(0)
    .describe('Price of a node for an hour, in the unit of all others.'),
  'min-ready': z.int().nonnegative().default(0).describe('Nodes kept ready for jobs that have not come yet.'),
  pool: PoolSection.describe('How many nodes are kept ready, and for how long.'),
  checks: ChecksSection.optional(),
};

/** What every cloud has, whatever its kind. */
export const CLOUD_KEYS = {
  ...quota('of the cloud'),
  'launch-rate': z
    .strictObject({
      'per-minute': z.number().positive().describe('Launches in a minute, in the long run.'),
      burst: z.int().positive().default(10).describe('Launches at once.'),
    })
    .optional()
    .describe('How quickly nodes may be asked for; as quickly as can be if left out.'),
  'launch-timeout': duration
    .optional()
    .describe("How long a launch may take, instead of what the cloud's kind finds fit."),
  reserve: z
    .strictObject({
      nodes: z.int().positive().describe('How many of `max-nodes`.'),
      priority: z.int().min(1).max(100).default(75).describe('Jobs of at least this priority may have them.'),
    })
    .optional()
    .describe('The last nodes of the quota are for jobs of at least this priority.'),
};

/** A cloud's section as far as all kinds share it; beside it stand the keys of its kind. */
export type CloudSection = z.output<z.ZodObject<typeof CLOUD_KEYS>> & {
  kind: string;
  templates: Record<string, TemplateSection>;
};
export type TemplateSection = z.output<z.ZodObject<typeof TEMPLATE_KEYS>>;

/** One cloud: what all have in common, and what its kind adds, chosen by `kind`. */
export function cloudSchema(): z.ZodType<CloudSection> {
  const kinds = cloudKinds().map((name) => {
    const kind = cloudKind(name);
    const own = extensible(kind.template);
    // A kind may have a key of these for itself, such as `memory` with a default, and rules of its own: both stay.
    const template = own.safeExtend({ ...TEMPLATE_KEYS, ...own.shape });
    return extensible(kind.settings).extend({
      kind: z.literal(name),
      ...CLOUD_KEYS,
      templates: z
        .record(z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/), template)
        .describe('Recipes for nodes.'),
    });
  });
  const [first, ...others] = kinds;
  if (first === undefined) throw new Error('no kind of cloud is registered');
  // The kinds' own keys are known at run time only.
  return z.discriminatedUnion('kind', [first, ...others]) as unknown as z.ZodType<CloudSection>;
}

function extensible(schema: z.ZodType): z.ZodObject {
  if (schema instanceof z.ZodObject) return schema;
  throw new Error('the settings of a cloud must be an object schema');
}

function toLabels(text: string, context: z.RefinementCtx): string[] {
  try {
    return parseLabels(text);
  } catch (error) {
    const { message, hint } = error as FootmanError;
    context.addIssue({ code: 'custom', message, params: { hint } });
    return z.NEVER;
  }
}
