import type { Artifact as ArtifactRow, StoredFile } from '#controller/store';
import type { Artifact, ArtifactFile } from './schema.ts';

export function viewArtifact(artifact: ArtifactRow): Artifact {
  return {
    id: artifact.id,
    jobId: artifact.job_id,
    name: artifact.name,
    state: artifact.state,
    reason: artifact.reason,
    files: artifact.files,
    bytes: artifact.bytes,
    storedBytes: artifact.stored_bytes,
    archive: artifact.archive !== null,
    expiresAt: artifact.expires_at,
    waitsUntil: artifact.state === 'waiting' ? artifact.waits_until : null,
    finishedAt: artifact.finished_at,
  };
}

export function viewFile({ path, bytes, sha256, mode, link }: StoredFile): ArtifactFile {
  return { path, bytes, sha256, mode, executable: link === null && (mode & 0o111) !== 0, link };
}
