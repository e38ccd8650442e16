import { z } from 'zod';
import { ArtifactState, Count, Id, number, Time } from '../http/fields.ts';

export const Artifact = z
  .object({
    id: Id,
    jobId: Id,
    name: z.string(),
    state: ArtifactState,
    reason: z.string().nullable().meta({ description: 'Why it failed, or why it is empty.' }),
    files: Count,
    bytes: Count,
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'Artifact' });
export type Artifact = z.infer<typeof Artifact>;

const ArtifactFile = z
  .object({
    path: z.string(),
    bytes: Count,
    sha256: z.string(),
    executable: z.boolean(),
  })
  .meta({ id: 'ArtifactFile' });
export type ArtifactFile = z.infer<typeof ArtifactFile>;

export const ArtifactFiles = z
  .object({
    files: z.array(ArtifactFile),
    next: z
      .string()
      .nullable()
      .meta({ description: 'Send it as `after` for the next files; null when there are none.' }),
  })
  .meta({ id: 'ArtifactFiles' });
export type ArtifactFiles = z.infer<typeof ArtifactFiles>;

export const ArtifactParams = z.strictObject({ artifact: Id });

export const FilesQuery = z.strictObject({
  limit: number({ least: 1, most: 1000 }).default(1000),
  after: z.string().max(1024).optional(),
});

export const FileParams = z.strictObject({
  artifact: Id,
  path: z
    .array(z.string())
    .transform((parts) => parts.join('/'))
    .meta({ type: 'string', description: "The file's path within the artifact, slashes included." }),
});
