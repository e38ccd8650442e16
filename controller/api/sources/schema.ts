import { z } from 'zod';
import { Count } from '../http/fields.ts';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256 in lower-case hexadecimal');

/** Also what git calls a SHA-256 object name. */
const Commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'is no full commit id');

const Ref = z.string().min(1).max(1024);

/** An uploaded git bundle, and the commit in it that a build is to be of. */
export const NewSource = z
  .strictObject({ sha256: Sha256, bytes: Count, commit: Commit, ref: Ref.nullable().default(null) })
  .meta({ id: 'Source' });
export type NewSource = z.infer<typeof NewSource>;

export const UploadQuery = z.strictObject({
  sha256: Sha256.meta({ description: 'Digest of the bundle; an upload with another one is refused.' }),
  commit: Commit,
  ref: Ref.optional(),
});
