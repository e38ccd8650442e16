import { duration } from '#shared/quantity';
import { z } from 'zod';
import { complaint, oneLine, plainLine } from './fields.ts';
import { MAX_HOLD_KEYS, MAX_NAME_LENGTH, MAX_VALUE_LENGTH } from '../limits.ts';
import { oneOf, step } from './step.ts';

const PROFILE = /^@[^\s@]+$/;
const TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];
const KEY = new RegExp(`^(?:${TYPES.join('|')}) +AAAA[A-Za-z0-9+/]+={0,2}(?: +[\\x20-\\x7e]*)?$`);

/** What the key says beyond its shape is looked at when it is let in. */
const key = plainLine(MAX_VALUE_LENGTH)
  .superRefine((text, context) => {
    if (PROFILE.test(text) || KEY.test(text)) return;
    context.addIssue({
      code: 'custom',
      message: 'it is no public key of OpenSSH',
      params: { hint: hintFor(text) },
    });
  })
  .meta({ pattern: `${PROFILE.source}|${KEY.source}` });

function hintFor(text: string): string {
  if (/^[A-Za-z0-9._-]+$/.test(text)) return `for the keys in a profile, write ${JSON.stringify(`@${text}`)}`;
  if (text.includes('PRIVATE KEY'))
    return "that is a private key, which is nobody else's business: write its public half";
  if (TYPES.some((type) => text.includes(` ${type} `))) return 'a key has no options in front of it here';
  const types = TYPES.map((type) => JSON.stringify(type)).join(', ');
  return `write the line of a .pub file, which begins with one of ${types}, or @name for the keys in a profile`;
}

const lasting = duration.refine((milliseconds) => milliseconds > 0, 'it must be longer than 0s');

const hold = z
  .union(
    [
      z.null(),
      lasting,
      z.strictObject({
        for: lasting
          .optional()
          .describe(
            'How long the node is held, such as 4h; without it, the default of the controller counts.',
          ),
        reason: oneLine(MAX_NAME_LENGTH)
          .optional()
          .describe('Why, for people; that the job failed by default.'),
        keys: z
          .array(key)
          .max(MAX_HOLD_KEYS)
          .default([])
          .describe(
            'Who is let in beside the owner: public keys of OpenSSH, or @name for the keys in a profile.',
          ),
      }),
    ],
    { error: ({ input }) => (typeof input === 'number' ? complaint(lasting, input) : undefined) },
  )
  .describe('Keeps the node when the job has ended, for people to look at: nothing, how long, or a mapping.');

/** A step under `post: failure:`, `cancelled:` or `always:`, the only places that know holds. */
export const heldStep = step
  .extend({ hold: hold.optional() })
  .meta({ oneOf: oneOf('run', 'checkout', 'cache', 'reboot', 'uses', 'hold') })
  .describe(
    'One step under `always`, `failure` or `cancelled`: exactly one of `run`, `checkout`, `cache`, `reboot`, `uses` and `hold`.',
  );

export type HeldStepSource = z.output<typeof heldStep>;
export type HoldSource = z.output<typeof hold>;
