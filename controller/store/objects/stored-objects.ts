import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Artifact, CacheEntry } from '../schema.ts';

/** Statements that read all rows that have objects, a page at a time, in the order of their ids. */

export interface IdPage {
  /** The last id of the page before. */
  after: string;
  limit: number;
  /** Only the row of this id. */
  only?: string;
}

export type StoredArtifact = Pick<
  Artifact,
  'id' | 'name' | 'bytes' | 'stored_bytes' | 'archive' | 'archive_sha256' | 'files'
> & { job: string; build: number };

export function storedArtifacts(db: Db, { after, limit, only }: IdPage): Promise<StoredArtifact[]> {
  return db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select([
      'artifacts.id',
      'artifacts.name',
      'artifacts.bytes',
      'artifacts.stored_bytes',
      'artifacts.archive',
      'artifacts.archive_sha256',
      'artifacts.files',
      'jobs.key as job',
      'builds.number as build',
    ])
    .where('artifacts.state', '=', sql.lit('complete'))
    .where('builds.deleting_at', 'is', null)
    .$if(only !== undefined, (query) => query.where('artifacts.id', '=', only ?? ''))
    .where('artifacts.id', '>', after)
    .orderBy('artifacts.id')
    .limit(limit)
    .execute();
}

export interface StoredLog {
  id: string;
  name: string;
  bytes: number;
  jobId: string;
  buildId: string;
  job: string;
  build: number;
}

/** Logs of steps that are in the storage; `bytes` is what they and their indexes take there. */
export function storedLogs(db: Db, { after, limit, only }: IdPage): Promise<StoredLog[]> {
  return db
    .selectFrom('steps')
    .innerJoin('jobs', 'jobs.id', 'steps.job_id')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select([
      'steps.id',
      'steps.name',
      'steps.archived_bytes as bytes',
      'jobs.id as jobId',
      'builds.id as buildId',
      'jobs.key as job',
      'builds.number as build',
    ])
    .where('steps.archived_bytes', '>', 0)
    .where('builds.deleting_at', 'is', null)
    .$if(only !== undefined, (query) => query.where('steps.id', '=', only ?? ''))
    .where('steps.id', '>', after)
    .orderBy('steps.id')
    .limit(limit)
    .$narrowType<{ bytes: number }>()
    .execute();
}

/** Without those that are being removed. */
export function storedCaches(db: Db, { after, limit, only }: IdPage): Promise<CacheEntry[]> {
  return db
    .selectFrom('caches')
    .selectAll()
    .where('used_at', '>', 0)
    .$if(only !== undefined, (query) => query.where('id', '=', only ?? ''))
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Builds that have a source; several may have the same. */
export async function storedSources(
  db: Db,
  { after, limit, only }: IdPage,
): Promise<{ id: string; build: number; blob: string; bytes: number; sha256: string }[]> {
  const rows = await db
    .selectFrom('builds')
    .select(['id', 'number', 'source'])
    .where('source_blob', 'is not', null)
    .where('deleting_at', 'is', null)
    .$if(only !== undefined, (query) => query.where('id', '=', only ?? ''))
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.flatMap(({ id, number, source }) =>
    source === null
      ? []
      : [{ id, build: number, blob: source.blob, bytes: source.bytes, sha256: source.sha256 }],
  );
}
