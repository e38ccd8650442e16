import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { ImageVersion, VersionState } from '../schema.ts';

/** A version with what people call that it came from. */
export interface ListedVersion extends ImageVersion {
  build: number | null;
  /** Keys of the jobs that made it and that verifies it; where it was imported, that is of another build. */
  job: string | null;
  verifyBuild: number | null;
  verifyJob: string | null;
  /** Name of the version that its node was made from, where it was one. */
  parentName: string | null;
}

export interface VersionFilter {
  stream?: string | undefined;
  cloud?: string | undefined;
  /** Those that are gone are listed only where this says so. */
  state?: VersionState | undefined;
  limit: number;
}

/** By stream and cloud, the newest first. */
export function listVersions(
  db: Db,
  { stream, cloud, state, limit }: VersionFilter,
): Promise<ListedVersion[]> {
  let query = listed(db);
  query =
    state === undefined
      ? query.where('image_versions.state', '<>', sql.lit('deleted'))
      : query.where('image_versions.state', '=', state);
  if (stream !== undefined) query = query.where('image_versions.stream', '=', stream);
  if (cloud !== undefined) query = query.where('image_versions.cloud', '=', cloud);
  return query
    .orderBy('image_versions.stream')
    .orderBy('image_versions.cloud')
    .orderBy('image_versions.number', 'desc')
    .limit(limit)
    .execute();
}

/** By its id or its name, which ends with its cloud's; one that is gone included. */
export function findListedVersion(db: Db, idOrName: string): Promise<ListedVersion | undefined> {
  return listed(db)
    .where(({ eb, or }) =>
      or([eb('image_versions.id', '=', idOrName), eb('image_versions.name', '=', idOrName)]),
    )
    .limit(1)
    .executeTakeFirst();
}

function listed(db: Db) {
  return db
    .selectFrom('image_versions')
    .leftJoin('builds', 'builds.id', 'image_versions.build_id')
    .leftJoin('jobs as makers', 'makers.id', 'image_versions.job_id')
    .leftJoin('jobs as verifiers', 'verifiers.id', 'image_versions.verify_job_id')
    .leftJoin('builds as verifying', 'verifying.id', 'verifiers.build_id')
    .leftJoin('image_versions as parents', 'parents.id', 'image_versions.parent')
    .selectAll('image_versions')
    .select([
      'builds.number as build',
      'makers.key as job',
      'verifying.number as verifyBuild',
      'verifiers.key as verifyJob',
      'parents.name as parentName',
    ]);
}

/** What people call a version. */
export type VersionName = Pick<ImageVersion, 'id' | 'name' | 'stream' | 'number'>;

export async function namesOfVersions(db: Db, ids: readonly string[]): Promise<VersionName[]> {
  if (ids.length === 0) return [];
  return db
    .selectFrom('image_versions')
    .select(['id', 'name', 'stream', 'number'])
    .where('id', 'in', ids)
    .execute();
}
