import { z } from 'zod';
import { cloudKind, cloudKinds } from '#controller/clouds';
import type { FootmanError } from '#shared/errors';
import { parseLabels } from '#shared/labels';

const MANY = 1_000_000;

/** What every template has, whatever its cloud. */
const TEMPLATE_KEYS = {
  labels: z.string().transform(toLabels).describe('Words that a job can ask for, separated by spaces.'),
  'max-nodes': z.int().positive().default(MANY).describe('Most nodes at one time.'),
  'min-ready': z.int().nonnegative().default(0).describe('Nodes kept ready for jobs that have not come yet.'),
};

/** What every cloud has, whatever its kind. */
const CLOUD_KEYS = {
  'max-nodes': z
    .int()
    .positive()
    .default(MANY)
    .describe('Most nodes at one time, those being removed included.'),
};

/** A cloud's section as far as all kinds share it; beside it stand the keys of its kind. */
export interface CloudSection {
  kind: string;
  'max-nodes': number;
  templates: Record<string, TemplateSection>;
  [setting: string]: unknown;
}

interface TemplateSection {
  labels: string[];
  'max-nodes': number;
  'min-ready': number;
  [setting: string]: unknown;
}

/** One cloud: what all have in common, and what its kind adds, chosen by `kind`. */
export function cloudSchema(): z.ZodType<CloudSection> {
  const kinds = cloudKinds().map((name) => {
    const kind = cloudKind(name);
    const template = extensible(kind.template).extend(TEMPLATE_KEYS);
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
