import * as z from 'zod/mini';
import { Count, Id, LinkTarget, PresignedRequest, RelativePath, Sha256, Text } from './fields.ts';
import { MAX_FETCHED_FILES_PER_MESSAGE, MAX_FILES_PER_MESSAGE, MAX_PARTS_PER_MESSAGE } from './limits.ts';

/**
 * How files leave a node and come to one. Both ways, the agent transfers them itself, straight to and from the storage, by presigned requests;
 * what it says is data, and counts only as far as the storage really has it (I9).
 *
 * An artifact: `collect` → `files` ⇄ `put`, and `parts` ⇄ `part-puts` for each object that comes in parts; in an archive, all `files` first, without
 * places, then `archive` with the one object, answered by `put`. Then `finished` → `ack`. The controller says `collect` again on every connection until it has
 * `finished`; each time, the agent names all files again, from the first on, since a controller that was started anew knows none of them,
 * but uploads only what it has not stored yet. It keeps what it found, and a copy of an archive, until `ack`.
 */

/** A file of an artifact, or a symbolic link in it, which has no bytes. */
export const ArtifactFile = z.strictObject({
  path: RelativePath,
  bytes: Count,
  sha256: Sha256,
  /** Permission bits, as in stat(2). */
  mode: z.int().check(z.nonnegative(), z.lte(0o7777)),
  /** Where a link leads; absent for a file. */
  link: z.optional(LinkTarget),
  /** In an archive: where the file's bytes begin in the tar that it unpacks to. */
  offset: z.optional(Count),
});
export type ArtifactFile = z.infer<typeof ArtifactFile>;

/** Collects an artifact. A message that answers nothing is ignored. */
export const ArtifactCollect = z.strictObject({
  type: z.literal('artifact.collect'),
  artifact: Id,
  /** What the paths are relative to: the workspace, or the folder that steps find as `$FOOTMAN_UPLOADS`. */
  root: z.enum(['workspace', 'uploads']),
  paths: z.array(z.string()),
  exclude: z.array(z.string()),
  /** One archive of all files, a tar compressed with zstd in frames that can be read one by one; or each file as it is. */
  archive: z.optional(z.boolean()),
  maxFiles: Count,
  maxBytes: Count,
  /** Of a job that is over: how long the agent goes on without a connection, in milliseconds, until its files are stored. */
  graceMs: z.optional(Count),
});
export type ArtifactCollect = z.infer<typeof ArtifactCollect>;

/** Files that the artifact's globs matched; answered by `artifact.put` for just these, but for an archive's, which need no places of their own. */
export const ArtifactFiles = z.strictObject({
  type: z.literal('artifact.files'),
  artifact: Id,
  files: z.array(ArtifactFile).check(z.maxLength(MAX_FILES_PER_MESSAGE)),
});

/** The archive of all files that were named; answered by `artifact.put` for the path `archive`. */
export const ArtifactArchive = z.strictObject({
  type: z.literal('artifact.archive'),
  artifact: Id,
  bytes: Count,
  sha256: Sha256,
});

/** Where each goes: with one request, or in `parts`, whose requests the agent asks for as it comes to them. Links and files that the storage has already are not named. */
export const ArtifactPut = z.strictObject({
  type: z.literal('artifact.put'),
  artifact: Id,
  puts: z
    .array(
      z.union([
        z.strictObject({ path: RelativePath, request: PresignedRequest }),
        z.strictObject({
          path: RelativePath,
          parts: z.strictObject({ bytes: Count, count: Count }),
          /** Numbers of those that the storage has, from an earlier connection. */
          stored: z.array(Count),
        }),
      ]),
    )
    .check(z.maxLength(MAX_FILES_PER_MESSAGE)),
});
export type ArtifactPut = z.infer<typeof ArtifactPut>;

/** Asks for requests to put these parts, numbered from 1; answered by `artifact.part-puts` for just these. Again, when requests have expired. */
export const ArtifactParts = z.strictObject({
  type: z.literal('artifact.parts'),
  artifact: Id,
  path: RelativePath,
  parts: z.array(Count).check(z.minLength(1), z.maxLength(MAX_PARTS_PER_MESSAGE)),
});

export const ArtifactPartPuts = z.strictObject({
  type: z.literal('artifact.part-puts'),
  artifact: Id,
  path: RelativePath,
  puts: z
    .array(z.strictObject({ part: Count, request: PresignedRequest }))
    .check(z.maxLength(MAX_PARTS_PER_MESSAGE)),
});
export type ArtifactPartPuts = z.infer<typeof ArtifactPartPuts>;

/** How far it is, every second or so while bytes move, or it is in trouble. Bytes are those of what is uploaded. */
export const ArtifactProgress = z.strictObject({
  type: z.literal('artifact.progress'),
  artifact: Id,
  files: Count,
  bytes: Count,
  totalFiles: Count,
  /** Null while an archive is not written yet. */
  totalBytes: z.nullable(Count),
  /** Why nothing moves at the moment, in a sentence: the agent tries again. */
  trouble: z.optional(Text),
});
export type ArtifactProgress = z.infer<typeof ArtifactProgress>;

/** All files are stored; or `problem` says in a sentence why not, and `again` whether that is the storage's trouble, which may pass. Said again when `artifact.collect` is. */
export const ArtifactFinished = z.strictObject({
  type: z.literal('artifact.finished'),
  artifact: Id,
  files: Count,
  problem: z.optional(Text),
  again: z.optional(z.boolean()),
  /** What was left out, in a sentence: links that lead nowhere or outside. */
  note: z.optional(Text),
});
export type ArtifactFinished = z.infer<typeof ArtifactFinished>;

/** The agent may forget the artifact, and stops what it still does for it. */
export const ArtifactAck = z.strictObject({ type: z.literal('artifact.ack'), artifact: Id });

/**
 * Brings an artifact of another job into the workspace, under `path`: `begin` → `next` ⇄ `files` until `last`, then `finished` → `ack`. The controller says
 * `begin` again on every connection until then; the agent goes on with the page that it needs next.
 */
export const FetchBegin = z.strictObject({
  type: z.literal('fetch.begin'),
  fetch: Id,
  /** Relative to the workspace; null for the workspace itself. */
  path: z.nullable(RelativePath),
  files: Count,
  bytes: Count,
  /** The archive that all files are in; absent where each is an object of its own. */
  archive: z.optional(z.strictObject({ request: PresignedRequest, bytes: Count, sha256: Sha256 })),
});
export type FetchBegin = z.infer<typeof FetchBegin>;

/** Asks for the files after this path, in the order of the bytes of their paths; null for the first ones. */
export const FetchNext = z.strictObject({
  type: z.literal('fetch.next'),
  fetch: Id,
  after: z.nullable(RelativePath),
});

/** Files with their requests; none for links, and for what comes in an archive. */
export const FetchFiles = z.strictObject({
  type: z.literal('fetch.files'),
  fetch: Id,
  after: z.nullable(RelativePath),
  files: z
    .array(z.strictObject({ file: ArtifactFile, request: z.optional(PresignedRequest) }))
    .check(z.maxLength(MAX_FETCHED_FILES_PER_MESSAGE)),
  last: z.boolean(),
});
export type FetchFiles = z.infer<typeof FetchFiles>;

export const FetchProgress = z.strictObject({
  type: z.literal('fetch.progress'),
  fetch: Id,
  files: Count,
  bytes: Count,
  trouble: z.optional(Text),
});
export type FetchProgress = z.infer<typeof FetchProgress>;

/** All is there, with the digests that were announced; or `problem` says in a sentence why not. Said again when `fetch.begin` is. */
export const FetchFinished = z.strictObject({
  type: z.literal('fetch.finished'),
  fetch: Id,
  files: Count,
  bytes: Count,
  problem: z.optional(Text),
});
export type FetchFinished = z.infer<typeof FetchFinished>;

export const FetchAck = z.strictObject({ type: z.literal('fetch.ack'), fetch: Id });
