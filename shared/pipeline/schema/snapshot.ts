import { duration } from '#shared/quantity';
import { z } from 'zod';
import { plainName, streamName } from './fields.ts';
import { MAX_CLOUDS, MAX_KEPT_VERSIONS, MAX_VERIFY_STEPS } from '../limits.ts';
import type { HeldStepSource } from './hold.ts';
import { oneOf, step } from './step.ts';

const verifyStep = step
  .pick({
    name: true,
    if: true,
    run: true,
    env: true,
    'continue-on-error': true,
    timeout: true,
    shell: true,
    'working-directory': true,
  })
  .meta({ required: ['run'] })
  .describe('One step that verifies an image: a script.');

const clouds = z
  .array(plainName)
  .min(1)
  .max(MAX_CLOUDS)
  .refine((names) => new Set(names).size === names.length, 'a cloud is here twice');

const promotion = z
  .union([
    z.enum(['auto', 'manual']),
    z.strictObject({
      'when-all': clouds.describe(
        'Clouds: when each of them has a version that was verified, of this very build, all are promoted at once.',
      ),
    }),
  ])
  .default('auto')
  .describe(
    'Who makes a version that was verified the current one: auto at once, manual leaves it to a person; or a mapping with `when-all`.',
  );

const stream = streamName.describe(
  'The stream that the image is the next version of: templates of nodes name it.',
);

const snapshot = z
  .union([
    stream,
    z.strictObject({
      stream,
      verify: z
        .array(verifyStep)
        .min(1)
        .max(MAX_VERIFY_STEPS)
        .default([])
        .describe(
          'Steps that run on a node that is started from the image, before it may be promoted; without any, that node has to come up.',
        ),
      keep: z
        .int()
        .min(2)
        .max(MAX_KEPT_VERSIONS)
        .default(3)
        .describe('How many versions stay, the current and the previous one among them.'),
      promote: promotion,
      'refresh-after': duration
        .refine((milliseconds) => milliseconds > 0, 'it must be longer than 0s')
        .optional()
        .describe(
          'How old the current version may become, such as 2d, before metrics tell that it is overdue.',
        ),
    }),
  ])
  .describe(
    'Makes an image of the node, when everything else of the job is done: the name of its stream, or a mapping.',
  );

/** A step under `post: success:`, the only place that knows snapshots. */
export const successStep = step
  .extend({ snapshot: snapshot.optional() })
  .meta({ oneOf: oneOf('run', 'checkout', 'cache', 'reboot', 'uses', 'snapshot') })
  .describe(
    'One step: exactly one of `run`, `checkout`, `cache`, `reboot`, `uses` and, as the last one, `snapshot`.',
  );

/** A step of any list: where there are no snapshots or no holds, it has none. */
export type StepSource = z.output<typeof successStep> & Pick<HeldStepSource, 'hold'>;
export type SnapshotSource = z.output<typeof snapshot>;
export type PromotionSource = z.output<typeof promotion>;
