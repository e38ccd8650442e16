import type { Generated } from 'kysely';
import type { ArtifactFile } from '#shared/protocol';

/** What jobs leave behind, and what is on its way to the storage. */

export type ArtifactState =
  'pending' | 'collecting' | 'waiting' | 'complete' | 'failed' | 'empty' | 'expiring' | 'expired';

/** `junit`: reports of tests, which nobody asks for by name. */
export type ArtifactRole = 'artifact' | 'junit';

export interface ArtifactTable {
  id: string;
  job_id: string;
  /** Place in the list of its role. */
  position: number;
  role: Generated<ArtifactRole>;
  name: string;
  state: ArtifactState;
  /** Why it failed, waits or is empty. */
  reason: string | null;
  files: number;
  /** Of all files, as they are on the node. */
  bytes: number;
  /** Of what is in the storage; differs from `bytes` for an archive. */
  stored_bytes: Generated<number>;
  /** Key of the archive that all files are in; null where each is an object of its own. */
  archive: string | null;
  archive_sha256: string | null;
  /** When it may be removed; null for when its build is. */
  expires_at: number | null;
  /** Until when its node is kept for it, while it waits. */
  waits_until: number | null;
  /** When its reports were read into the tables of tests; null where that is to be done, or where it has none. */
  read_at: number | null;
  created_at: number;
  finished_at: number | null;
}

export interface ArtifactFileTable extends Pick<ArtifactFile, 'path' | 'bytes' | 'sha256' | 'mode'> {
  artifact_id: string;
  /** The object; empty for a link, and for what is in an archive. */
  blob: string;
  /** Where a symbolic link leads; null for a file. */
  link: string | null;
  /** Where its bytes begin in the tar of its archive. */
  tar_offset: number | null;
}

/** An object that comes in parts, from its beginning in the storage until its artifact has it, or nobody wants it. */
export interface UploadTable {
  artifact_id: string;
  path: string;
  blob: string;
  /** As the storage names it. */
  upload: string;
  bytes: number;
  part_bytes: number;
  created_at: number;
}
