import type { ArtifactFile } from '#shared/protocol';

/** What jobs leave behind. */

export type ArtifactState = 'pending' | 'collecting' | 'complete' | 'failed' | 'empty';

export interface ArtifactTable {
  id: string;
  job_id: string;
  position: number;
  name: string;
  state: ArtifactState;
  /** Why it failed, or why it is empty. */
  reason: string | null;
  files: number;
  bytes: number;
  created_at: number;
  finished_at: number | null;
}

export interface ArtifactFileTable extends Pick<ArtifactFile, 'path' | 'bytes' | 'sha256' | 'mode'> {
  artifact_id: string;
  blob: string;
}
