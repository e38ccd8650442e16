import { z } from 'zod';
import { ArtifactState, BuildName, Count, Flag, Id, number, Period, Time } from '../http/fields.ts';

export const Artifact = z
  .object({
    id: Id,
    jobId: Id,
    name: z.string(),
    state: ArtifactState,
    reason: z.string().nullable().meta({ description: 'Why it failed or waits, or why it is empty.' }),
    files: Count,
    bytes: Count,
    storedBytes: Count.meta({ description: 'Of what is in the storage: less than `bytes` for an archive.' }),
    archive: z.boolean().meta({ description: 'Whether it is stored as one archive.' }),
    expiresAt: Time.nullable().meta({ description: 'When it may be removed; null for when its build is.' }),
    waitsUntil: Time.nullable().meta({ description: 'Until when its node is kept for it, while it waits.' }),
    finishedAt: Time.nullable(),
  })
  .meta({ id: 'Artifact' });
export type Artifact = z.infer<typeof Artifact>;

const ArtifactFile = z
  .object({
    path: z.string(),
    bytes: Count,
    sha256: z.string(),
    mode: z.int().meta({ description: 'Permission bits.' }),
    executable: z.boolean(),
    link: z.string().nullable().meta({ description: 'Where a symbolic link leads; null for a file.' }),
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

const Path = z
  .array(z.string())
  .transform((parts) => parts.join('/'))
  .meta({ type: 'string', description: "The file's path within the artifact, slashes included." });

export const FileParams = z.strictObject({ artifact: Id, path: Path });

export const FileQuery = z.strictObject({
  view: Flag.default(false).meta({
    description: 'To be shown by a browser, where it can be: a page in a sandbox, without scripts.',
  }),
  redirect: Flag.default(false).meta({
    description: 'To be sent on to the storage (302), where that serves the file by itself.',
  }),
});
export type FileQuery = z.output<typeof FileQuery>;

const Name = z.string().min(1).max(1000);

/** An artifact by names: of its job, which is its key, and its own. */
export const OfBuildParams = z.strictObject({ build: BuildName, job: Name, name: Name });
export const FileOfBuildParams = OfBuildParams.extend({ path: Path });

export const LatestParams = z.strictObject({ job: Name, name: Name });
export const FileOfLatestParams = LatestParams.extend({ path: Path });

export const LatestQuery = z.strictObject({
  pipeline: Name,
  branch: Name,
  project: Name.optional(),
});
export const FileOfLatestQuery = LatestQuery.extend(FileQuery.shape);

/** Longer ones are what tokens are for. */
const LONGEST_LINK_MS = 7 * 24 * 60 * 60_000;

export const NewLink = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .max(4096)
      // oxlint-disable-next-line no-control-regex -- it is what is refused
      .regex(/^[^\0]*$/, 'has a NUL')
      .optional()
      .meta({ description: 'Of one file; all of the artifact as an archive if left out.' }),
    for: Period.refine((milliseconds) => milliseconds <= LONGEST_LINK_MS, 'is longer than 7 days').meta({
      description: 'How long it is good, such as `1h`; at most `7d`.',
    }),
  })
  .meta({ id: 'NewLink' });
export type NewLink = z.input<typeof NewLink>;

export const Link = z
  .object({
    url: z.string().meta({ description: "Begins with a slash: it is the controller's own." }),
    expiresAt: Time,
  })
  .meta({ id: 'Link' });
export type Link = z.infer<typeof Link>;

export const LinkParams = z.strictObject({
  token: z.string().max(4096),
  name: z.string().meta({ description: 'What a download is called; it means nothing.' }),
});
