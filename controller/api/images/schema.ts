import { z } from 'zod';
import { Count, Id, NodeState, Time, VersionState } from '../http/fields.ts';

/** Prepared ones have a slash. */
const StreamName = z.string().regex(/^[a-z0-9][a-z0-9._/-]{0,99}$/, 'is no name of an image stream');
/** New ones are named as pipelines name them. */
const NamedStream = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'has to be lower-case letters, digits, `-`, `_` and `.`, at most 64, and begin with a letter or a digit',
  );
const CloudName = z.string().min(1).max(64);

const Digest = z.string().nullable().meta({ description: '`sha256:…` of what it holds.' });

const VersionRef = z.object({ id: Id, number: z.int().positive(), name: z.string(), state: VersionState });

export const ImageStream = z
  .object({
    name: z.string(),
    cloud: z.string(),
    kind: z.enum(['named', 'prepared', 'held']).meta({
      description:
        '`named`: pipelines make its versions by `snapshot`. `prepared`: jobs with `prepare` start from it.',
    }),
    title: z
      .string()
      .nullable()
      .meta({ description: 'What people call a prepared image: its key, or its job.' }),
    current: VersionRef.nullable().meta({ description: 'What nodes get.' }),
    previous: VersionRef.nullable().meta({ description: 'What they get after a roll back.' }),
    generation: Count.meta({ description: 'Raised by each change of the two.' }),
    promotedAt: Time.nullable(),
    ageMs: Count.nullable().meta({ description: 'Of the current version, since it was captured.' }),
    refreshAfterMs: Count.nullable(),
    overdue: z.boolean().meta({ description: 'The current version is older than `refreshAfterMs`.' }),
    keep: Count.meta({ description: 'Ready versions that stay.' }),
    ttlMs: Count.nullable().meta({ description: 'How long a prepared image is fresh.' }),
    maxStaleMs: Count.nullable().meta({
      description: 'How much longer it serves while another one is made.',
    }),
    usedAt: Time.nullable().meta({ description: 'When a job last started from a prepared image.' }),
    versions: Count.meta({ description: 'Those that are not gone.' }),
    bytes: Count.meta({ description: 'What all of them take.' }),
  })
  .meta({ id: 'ImageStream' });
export type ImageStream = z.infer<typeof ImageStream>;

export const ImageStreamList = z.object({ streams: z.array(ImageStream) }).meta({ id: 'ImageStreamList' });
export type ImageStreamList = z.infer<typeof ImageStreamList>;

export const StreamQuery = z.strictObject({ kind: z.enum(['named', 'prepared', 'held']).optional() });

export const VersionSummary = z
  .object({
    id: Id,
    name: z.string().meta({ description: 'What its cloud knows it by.' }),
    stream: z.string(),
    cloud: z.string(),
    template: z.string(),
    number: z.int().positive().meta({ description: '1, 2, 3… within its stream and cloud.' }),
    state: VersionState,
    stateSince: Time,
    reason: z.string().nullable().meta({ description: 'Why it failed, or waits, or goes.' }),
    pointer: z
      .enum(['current', 'previous'])
      .nullable()
      .meta({ description: 'What it is to its stream; null for all others.' }),
    bad: z.boolean().meta({ description: 'Its nodes did not come up: it is never promoted again.' }),
    image: z.string().nullable().meta({ description: "The cloud's own name of it." }),
    bytes: Count.nullable(),
    digest: Digest,
    parent: z
      .string()
      .nullable()
      .meta({ description: 'The version that its node was made from, or the image as its cloud tells it.' }),
    build: z.int().nullable().meta({ description: 'Number of the build that made it; null for an import.' }),
    job: z.string().nullable().meta({ description: 'The job that made it: BUILD/JOB.' }),
    verifyJob: z.string().nullable().meta({ description: 'The job that verifies it: BUILD/JOB.' }),
    commit: z.string().nullable(),
    trust: z.enum(['trusted', 'fork']),
    promotion: z.discriminatedUnion('how', [
      z.object({ how: z.literal('auto') }),
      z.object({ how: z.literal('manual') }),
      z.object({ how: z.literal('when-all'), clouds: z.array(z.string()) }),
    ]),
    removalFailures: Count,
    createdAt: Time,
    capturedAt: Time.nullable(),
    readyAt: Time.nullable(),
    deletedAt: Time.nullable(),
  })
  .meta({ id: 'ImageVersionSummary' });
export type VersionSummary = z.infer<typeof VersionSummary>;

export const ImageVersion = VersionSummary.extend({
  nodes: z
    .array(z.object({ id: Id, state: NodeState }))
    .meta({ description: 'Those that are made from it and are not yet gone.' }),
}).meta({ id: 'ImageVersion' });
export type ImageVersion = z.infer<typeof ImageVersion>;

export const ImageVersionList = z
  .object({ versions: z.array(VersionSummary) })
  .meta({ id: 'ImageVersionList' });
export type ImageVersionList = z.infer<typeof ImageVersionList>;

export const VersionQuery = z.strictObject({
  stream: StreamName.optional(),
  cloud: CloudName.optional(),
  state: VersionState.optional().meta({ description: 'Those that are gone are listed with `deleted` only.' }),
});

export const VersionParams = z.strictObject({
  version: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/, 'is neither an id nor a name of a version')
    .meta({ description: 'Its id or its name.' }),
});

export const PromotionWish = z
  .strictObject({
    generation: Count.optional().meta({
      description: "The stream's, as it was when this was decided: refused where somebody was first.",
    }),
  })
  .meta({ id: 'ImagePromotion' });

export const RollBackWish = z
  .strictObject({
    stream: StreamName,
    cloud: CloudName.optional().meta({ description: 'Without it, all clouds of the stream in one step.' }),
  })
  .meta({ id: 'ImageRollBack' });
export type RollBackWish = z.input<typeof RollBackWish>;

export const Invalidation = z
  .strictObject({
    key: z
      .string()
      .trim()
      .min(1)
      .max(1000)
      .meta({ description: 'The key, the name of a stream, or the beginning of its digest.' }),
  })
  .meta({ id: 'ImageInvalidation' });

export const ImageRemovals = z
  .object({
    versions: z.array(
      z.object({
        id: Id,
        name: z.string(),
        stream: z.string(),
        cloud: z.string(),
        state: VersionState,
        bytes: Count.nullable(),
        reason: z.string().meta({ description: 'Why it goes.' }),
      }),
    ),
    bytes: Count.meta({ description: 'What all of them take.' }),
  })
  .meta({ id: 'ImageRemovals' });
export type ImageRemovals = z.infer<typeof ImageRemovals>;

export const ImageExport = z
  .object({
    url: z.string().meta({
      description:
        'Where the file is downloaded, without a token; where it begins with a slash, from this controller.',
    }),
    bytes: Count,
    sha256: z.string(),
    fileName: z.string(),
    expiresAt: Time.meta({ description: 'Until when a download may begin.' }),
  })
  .meta({ id: 'ImageExport' });
export type ImageExport = z.infer<typeof ImageExport>;

export const ImportQuery = z.strictObject({
  stream: NamedStream,
  cloud: CloudName,
  template: z.string().min(1).max(64).meta({ description: 'Nodes that verify it are of this template.' }),
});
export type ImportQuery = z.infer<typeof ImportQuery>;
