import { z } from 'zod';
import { KeyLine } from '../holds/schema.ts';
import { Time } from '../http/fields.ts';

export const NewUserKey = z.strictObject({ key: KeyLine }).meta({ id: 'NewUserKey' });

export const UserKey = z
  .object({
    fingerprint: z.string(),
    key: z.string().meta({ description: 'Without options and comment.' }),
    comment: z.string(),
    addedAt: Time,
  })
  .meta({ id: 'UserKey' });
export type UserKey = z.infer<typeof UserKey>;

export const UserKeyList = z
  .object({ owner: z.string(), keys: z.array(UserKey) })
  .meta({ id: 'UserKeyList' });
export type UserKeyList = z.infer<typeof UserKeyList>;

/** Base64 has slashes: they are a part of it. */
export const FingerprintParams = z.strictObject({
  fingerprint: z
    .array(z.string().max(64))
    .max(44)
    .transform((parts) => parts.join('/'))
    .meta({ type: 'string', description: '`SHA256:…`; its slashes stand for themselves.' }),
});
