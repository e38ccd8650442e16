import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { ImageVersion, Job, PreparedStream, WantedImages } from '../schema.ts';

/** A node that is not gone, and what it is made from or captured as. */
export interface NodeOnVersion {
  id: string;
  version_id: string | null;
  capture_id: string | null;
}

/** All nodes that are not gone and have to do with a version. */
export function nodesOnVersions(db: Db): Promise<NodeOnVersion[]> {
  return db
    .selectFrom('nodes')
    .select(['id', 'version_id', 'capture_id'])
    .where('state', '<>', sql.lit('deleted'))
    .where(({ or, eb }) => or([eb('version_id', 'is not', null), eb('capture_id', 'is not', null)]))
    .execute();
}

/** A job that has not ended, and the versions that its nodes are to be made from. */
export interface JobOnVersions {
  /** Its build's number. */
  number: number;
  key: string;
  images: WantedImages;
}

export function jobsOnVersions(db: Db): Promise<JobOnVersions[]> {
  return db
    .selectFrom('jobs')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select(['builds.number', 'jobs.key', 'jobs.images'])
    .where('jobs.state', '<>', sql.lit('finished'))
    .where('jobs.images', 'is not', null)
    .$narrowType<{ images: WantedImages }>()
    .execute();
}

/** Jobs that have no node yet, and want one of the version. */
export async function jobsWaitingOn(db: Db, versionId: string): Promise<Job[]> {
  const waiting = await db
    .selectFrom('jobs')
    .selectAll()
    .where('state', '<>', sql.lit('finished'))
    .where('state', 'in', ['blocked', 'queued'])
    .where('images', 'is not', null)
    .execute();
  return waiting.filter(({ images }) => Object.values(images ?? {}).includes(versionId));
}

/** Versions that are being made of another one, or verified. */
export function versionsInTheMaking(db: Db): Promise<Pick<ImageVersion, 'name' | 'parent'>[]> {
  return db
    .selectFrom('image_versions')
    .select(['name', 'parent'])
    .where('state', '<>', sql.lit('deleted'))
    .where('state', 'in', ['capturing', 'candidate', 'verifying'])
    .execute();
}

/** Streams of prepared images that jobs look or wait for. By the index `jobs_preparing`. */
export async function awaitedStreams(db: Db): Promise<PreparedStream[]> {
  const rows = await db
    .selectFrom('jobs')
    .select('preparation')
    .where('preparing', '=', sql.lit(1))
    .where('preparation', 'is not', null)
    .execute();
  return rows.flatMap(({ preparation }) => preparation?.streams ?? []);
}
