import { createHash } from 'node:crypto';
import type { Blobs } from '#controller/blobs';
import type { Journal } from '#controller/events';
import { deleteUploads, putFiles, type Artifact, type Job, type NewStoredFile } from '#controller/store';
import type { ArtifactFile } from '#shared/protocol';
import { archiveKeyOf, blobKeyOf } from './blob-key.ts';
import { moveArtifact } from './life-cycle.ts';
import { hasObject, manifestOf, type Content } from './manifest.ts';

interface Deps {
  journal: Journal;
  blobs: Pick<Blobs, 'put'>;
}

/** What is to be seen of an artifact, whose objects are all in the storage. */
export interface Publication extends Content {
  name: string;
  /** How long it is kept, in milliseconds; as long as its build, or the controller's own rule, if absent. */
  expireMs?: number | undefined;
}

export interface Published {
  artifact: Artifact;
  /** Digest of the manifest, in lower-case hexadecimal. */
  manifest: string;
}

/**
 * Makes all files of an artifact visible at once: the manifest is the last object to be written, then one transaction has the rows. Undefined
 * where the artifact has had its end already, which stays as it is.
 *
 * @throws FootmanError `storage-unavailable`, `storage-refused`; doing it again is safe.
 */
export async function publishArtifact(
  { journal, blobs }: Deps,
  job: Pick<Job, 'id' | 'build_id'>,
  { id }: Pick<Artifact, 'id'>,
  publication: Publication,
  signal: AbortSignal,
): Promise<Published | undefined> {
  const { name, files, archive, expireMs } = publication;
  const [manifest, sums] = manifestOf(id, name, publication);
  for (const { key, content } of [sums, manifest])
    await blobs.put(key, content, { bytes: content.length }, signal);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const rows = files.map((file) => rowOf(id, file, archive));
  return journal.commit(async (tx) => {
    const complete = await moveArtifact(tx, job, id, ['collecting', 'waiting'], 'complete', {
      reason: null,
      files: files.length,
      bytes,
      stored_bytes: (archive?.bytes ?? bytes) + manifest.content.length + sums.content.length,
      archive: archive && archiveKeyOf(id),
      archive_sha256: archive && archive.sha256,
      expires_at: expireMs === undefined ? null : tx.at + expireMs,
      waits_until: null,
      finished_at: tx.at,
    });
    if (complete === undefined) return undefined;
    await putFiles(tx.db, rows);
    await deleteUploads(tx.db, id);
    return { artifact: complete, manifest: createHash('sha256').update(manifest.content).digest('hex') };
  });
}

function rowOf(artifactId: string, file: ArtifactFile, archive: Content['archive']): NewStoredFile {
  const { path, bytes, sha256, mode, link = null, offset = null } = file;
  const blob = hasObject(file, archive) ? blobKeyOf(artifactId, file) : '';
  return { artifact_id: artifactId, path, bytes, sha256, mode, blob, link, tar_offset: offset };
}
