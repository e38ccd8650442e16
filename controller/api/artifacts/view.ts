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
    finishedAt: artifact.finished_at,
  };
}

export function viewFile({ path, bytes, sha256, mode }: StoredFile): ArtifactFile {
  return { path, bytes, sha256, executable: (mode & 0o111) !== 0 };
}
