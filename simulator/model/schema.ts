import { z } from 'zod';
import type { FootmanError } from '#shared/errors';
import { parseLabelExpression, parseLabels } from '#shared/labels';
import { duration } from '#shared/quantity';

const spread = z
  .union([duration, z.strictObject({ median: duration, p95: duration })], {
    error: 'this is not a time: write 30s, or { median: 30s, p95: 2m } for a log-normal distribution',
  })
  .transform((value, context) => {
    const { median, p95 } = typeof value === 'number' ? { median: value, p95: value } : value;
    if (p95 >= median && (median > 0 || p95 === 0)) return { medianMs: median, p95Ms: p95 };
    context.issues.push({
      code: 'custom',
      message: 'the median must be more than 0, and p95 not less than it',
      input: value,
    });
    return z.NEVER;
  });

const count = z.int().positive().max(10_000);
const rate = z.number().min(0).max(1).default(0);
const name = z
  .string()
  .regex(/^[a-z][a-z0-9.-]{0,63}$/, 'a name has lower-case letters, digits, dots and dashes');

const Template = z.strictObject({
  labels: z.string().transform(reading(parseLabels)),
  'max-nodes': count.optional(),
  weight: z.int().nonnegative().default(100),
  cost: z.number().nonnegative().default(0),
  launch: spread,
  connect: spread,
  remove: spread,
  'failure-rate': rate,
  'abort-rate': rate,
  'hang-rate': rate,
  'silence-rate': rate,
  'loss-rate': rate,
  'removal-failure-rate': rate,
});

const Cloud = z.strictObject({
  'max-nodes': count.optional(),
  'launch-rate': z
    .strictObject({ 'per-minute': z.number().positive(), burst: z.int().positive().default(10) })
    .optional(),
  outages: z.array(z.strictObject({ after: duration, for: duration })).default([]),
  templates: z.record(name, Template).refine(isFilled, 'a cloud needs a template'),
});

const JobKind = z.strictObject({
  'runs-on': z.string().transform(
    reading((text) => {
      parseLabelExpression(text);
      return text;
    }),
  ),
  weight: z.number().positive().default(1),
  priority: z.int().min(0).max(100).default(50),
  duration: spread,
});

/** A model as it is written. */
export const ModelDocument = z.strictObject({
  jobs: z.strictObject({
    'per-arrival': z
      .union([
        count,
        z
          .strictObject({ min: count, max: count })
          .refine(({ min, max }) => min <= max, 'min is more than max'),
      ])
      .default(1),
    'queue-timeout': duration.default(24 * 60 * 60_000),
    kinds: z.array(JobKind).min(1),
  }),
  clouds: z.record(name, Cloud).refine(isFilled, 'a model needs a cloud'),
});
export type ModelDocument = z.output<typeof ModelDocument>;

function isFilled(record: object): boolean {
  return Object.keys(record).length > 0;
}

/** What the parser finds wrong is a mistake at the text. */
function reading<T>(parse: (text: string) => T): (text: string, context: z.RefinementCtx) => T {
  return (text, context) => {
    try {
      return parse(text);
    } catch (error) {
      const { message, hint } = error as FootmanError;
      context.addIssue({ code: 'custom', message, params: { hint } });
      return z.NEVER;
    }
  };
}
