import { z } from 'zod';
import { Period, Time } from '../http/fields.ts';
import { ROLES } from './token.ts';

export const Caller = z.object({ subject: z.string(), role: z.enum(ROLES) }).meta({ id: 'Caller' });
export type Caller = z.infer<typeof Caller>;

export const NewToken = z
  .strictObject({
    subject: z
      .string()
      .regex(
        /^[a-z][a-z0-9._@-]{0,63}$/,
        'has to be lower-case letters, digits, `.`, `_`, `@` and `-`, at most 64, and begin with a letter',
      )
      // What the controller does by itself stands under this name in the audit log.
      .refine((subject) => subject !== 'footman', 'is what the controller calls itself')
      .meta({ description: 'Whom it stands for.' }),
    role: z.enum(ROLES),
    for: Period.optional().meta({ description: 'How long it is good, such as `30d`; for ever if left out.' }),
  })
  .meta({ id: 'NewToken' });
export type NewToken = z.input<typeof NewToken>;

export const SignedToken = z
  .object({ token: z.string(), ...Caller.shape, expiresAt: Time.nullable() })
  .meta({ id: 'SignedToken' });
export type SignedToken = z.infer<typeof SignedToken>;
