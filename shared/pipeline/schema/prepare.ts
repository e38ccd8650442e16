import { duration } from '#shared/quantity';
import { z } from 'zod';
import { cacheKey } from './fields.ts';
import { pathGlob } from './filter-glob.ts';
import { MAX_GLOBS, MAX_PREPARE_STEPS } from '../limits.ts';
import { openCheckout } from './checkout.ts';
import { env } from './env.ts';
import { oneOf, step } from './step.ts';

const prepareStep = step
  .pick({ name: true, run: true })
  .extend({
    checkout: openCheckout.optional(),
    env: env
      .optional()
      .describe(
        'Environment variables; they override those of the pipeline. Those of the job are not set here.',
      ),
  })
  .extend(step.pick({ timeout: true, shell: true, 'working-directory': true }).shape)
  .meta({ oneOf: oneOf('run', 'checkout') })
  .describe('One step that prepares nodes: either `run` or `checkout`.');

const file = pathGlob.refine(
  (glob) => !glob.startsWith('!'),
  'nothing can be taken away here; name fewer files, without the !',
);

export const prepare = z
  .strictObject({
    key: cacheKey
      .optional()
      .describe(
        'More that the image depends on, besides its steps and what it is made from: another text, another image.',
      ),
    files: z
      .union([file, z.array(file).min(1).max(MAX_GLOBS)])
      .optional()
      .describe(
        "Globs of files in the build's source whose content the image depends on; without any, `checkout: true` makes it depend on the commit.",
      ),
    ttl: duration
      .refine((milliseconds) => milliseconds > 0, 'it must be longer than 0s')
      .prefault('7d')
      .describe('How old the image may become before it is made anew.'),
    'max-stale': duration
      .prefault('1d')
      .describe(
        'How much older it still serves while it is made anew; after that, jobs wait for the new one.',
      ),
    'on-miss': z
      .enum(['wait', 'uncached'])
      .default('wait')
      .describe('What a job does while there is no image: it waits for it, or runs these steps itself.'),
    layers: z
      .boolean()
      .default(false)
      .describe(
        'Whether each step makes an image of its own, from which others with the same first steps go on.',
      ),
    steps: z
      .array(prepareStep)
      .min(1)
      .max(MAX_PREPARE_STEPS)
      .describe(
        'What is done once for all jobs that do the same here, and kept as an image that their nodes start from.',
      ),
  })
  .describe(
    'What is done once for many jobs, such as installing packages: their nodes start from an image that has it.',
  );

export type PrepareSource = z.output<typeof prepare>;
