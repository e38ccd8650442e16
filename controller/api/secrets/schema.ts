import { z } from 'zod';
import { Count, Time } from '../http/fields.ts';

/** What a name or a scope may be is said, with its reason, by those who keep them. */
const Name = z.string().max(200).meta({ description: 'As that of an environment variable.' });
const Scope = z.string().max(1000).meta({
  description: 'controller, project:NAME, pipeline:NAME, or pipeline:PROJECT/NAME.',
});
const Debug = z.enum(['allow', 'deny']).meta({
  description: 'Whether it stays on a node that is held for debugging.',
});

export const SecretParams = z.strictObject({ name: Name });

export const SecretQuery = z.strictObject({ scope: Scope.default('controller') });

/** Larger than any value that is taken, and smaller than the limit on a whole request. */
const MAX_VALUE = 256 * 1024;

export const NewSecret = z
  .strictObject({
    scope: Scope.default('controller'),
    value: z.string().max(MAX_VALUE).meta({
      description: 'At least 4 characters, at most 64 KiB of UTF-8, without NUL.',
      writeOnly: true,
    }),
    debug: Debug.default('deny'),
  })
  .meta({ id: 'NewSecret' });
export type NewSecret = z.input<typeof NewSecret>;

/** Never with its value: no call tells that. */
export const Secret = z
  .object({ scope: Scope, name: Name, debug: Debug, createdAt: Time, updatedAt: Time })
  .meta({ id: 'Secret' });
export type Secret = z.infer<typeof Secret>;

export const SecretList = z.object({ secrets: z.array(Secret) }).meta({ id: 'SecretList' });
export type SecretList = z.infer<typeof SecretList>;

export const SecretRotation = z
  .object({
    key: z.string().meta({ description: 'Id of the key that is the current one now.' }),
    moved: Count.meta({ description: 'Secrets that were sealed anew.' }),
    unreadable: z.array(z.object({ scope: Scope, name: Name })).meta({
      description: 'Secrets whose key is lost: they must be set again.',
    }),
  })
  .meta({ id: 'SecretRotation' });
export type SecretRotation = z.infer<typeof SecretRotation>;
