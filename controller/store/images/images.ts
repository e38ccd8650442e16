import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { locksRows } from '../dialects/adapter.ts';
import type { ImageStream, ImageVersion, Node, VersionState } from '../schema.ts';
import { patchRow, type Patch } from '../swap-state.ts';

/** What names a stream in a cloud. */
export interface StreamId {
  name: string;
  cloud: string;
}

/** A stream that is there already stays as it is. */
export async function insertStream(db: Db, stream: ImageStream): Promise<void> {
  await db
    .insertInto('image_streams')
    .values(stream)
    .onConflict((conflict) => conflict.columns(['name', 'cloud']).doNothing())
    .execute();
}

export function findStream(db: Db, { name, cloud }: StreamId): Promise<ImageStream | undefined> {
  return db
    .selectFrom('image_streams')
    .selectAll()
    .where('name', '=', name)
    .where('cloud', '=', cloud)
    .executeTakeFirst();
}

/** The stream as it is now, for one transaction at a time: whoever promotes, removes versions or makes nodes of them waits for the others. */
export async function lockStream(db: Db, id: StreamId): Promise<ImageStream | undefined> {
  if (!locksRows(db)) return findStream(db, id);
  return db
    .selectFrom('image_streams')
    .selectAll()
    .where('name', '=', id.name)
    .where('cloud', '=', id.cloud)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** By name, then cloud. As many as pipelines have made, and jobs have prepared. */
export function listStreams(db: Db): Promise<ImageStream[]> {
  return db.selectFrom('image_streams').selectAll().orderBy('name').orderBy('cloud').execute();
}

/** Which version each named stream gives to nodes that are made now; those that have none yet are left out. */
export function currentVersions(db: Db): Promise<{ name: string; cloud: string; current: string }[]> {
  return db
    .selectFrom('image_streams')
    .select(['name', 'cloud', 'current'])
    .where('kind', '=', 'named')
    .where('current', 'is not', null)
    .$narrowType<{ current: string }>()
    .execute();
}

/** What of a stream may change without its pointer. */
export type StreamPatch = Partial<
  Pick<
    ImageStream,
    | 'keep'
    | 'refresh_after_ms'
    | 'title'
    | 'scope'
    | 'ttl_ms'
    | 'max_stale_ms'
    | 'used_at'
    | 'build_id'
    | 'last_number'
  >
>;

export async function patchStream(db: Db, { name, cloud }: StreamId, patch: StreamPatch): Promise<void> {
  await db
    .updateTable('image_streams')
    .set(patch)
    .where('name', '=', name)
    .where('cloud', '=', cloud)
    .execute();
}

/** The pointer of a stream, as it is to be. */
export type Pointer = Pick<ImageStream, 'current' | 'previous' | 'promoted_at'>;

/** Compare-and-swap on `generation` alone; undefined means that somebody else was first (I5). */
export function swapPointer(
  db: Db,
  { name, cloud }: StreamId,
  generation: number,
  pointer: Pointer,
): Promise<ImageStream | undefined> {
  return db
    .updateTable('image_streams')
    .set({ ...pointer, generation: generation + 1 })
    .where('name', '=', name)
    .where('cloud', '=', cloud)
    .where('generation', '=', generation)
    .returningAll()
    .executeTakeFirst();
}

/** With nothing in it any more; false where it still has versions that are not gone. */
export async function deleteStream(db: Db, { name, cloud }: StreamId): Promise<boolean> {
  const result = await db
    .deleteFrom('image_streams')
    .where('name', '=', name)
    .where('cloud', '=', cloud)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('image_versions')
            .select('id')
            .where('cloud', '=', cloud)
            .where('stream', '=', name)
            .where('state', '<>', sql.lit('deleted')),
        ),
      ),
    )
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function insertVersion(db: Db, version: ImageVersion): Promise<void> {
  await db.insertInto('image_versions').values(version).execute();
}

export function findVersion(db: Db, id: string): Promise<ImageVersion | undefined> {
  return db.selectFrom('image_versions').selectAll().where('id', '=', id).executeTakeFirst();
}

/** All that clouds may still hold, oldest first. By the index `image_versions_live`. */
export function liveVersions(db: Db): Promise<ImageVersion[]> {
  return db
    .selectFrom('image_versions')
    .selectAll()
    .where('state', '<>', sql.lit('deleted'))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Those of a stream that are not gone, the newest first. */
export function versionsOfStream(db: Db, { name, cloud }: StreamId): Promise<ImageVersion[]> {
  return db
    .selectFrom('image_versions')
    .selectAll()
    .where('cloud', '=', cloud)
    .where('stream', '=', name)
    .where('state', '<>', sql.lit('deleted'))
    .orderBy('number', 'desc')
    .execute();
}

/** Number of the newest version that the stream ever had, gone ones included; 0 where there was none. By the index `image_versions_number`. */
export async function lastNumber(db: Db, { name, cloud }: StreamId): Promise<number> {
  const newest = await db
    .selectFrom('image_versions')
    .select('number')
    .where('cloud', '=', cloud)
    .where('stream', '=', name)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newest?.number ?? 0;
}

/** Those that a build made, gone ones included, the oldest first. */
export function versionsOfBuild(db: Db, buildId: string): Promise<ImageVersion[]> {
  return db
    .selectFrom('image_versions')
    .selectAll()
    .where('build_id', '=', buildId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** What is noted of a version without a transition. */
export function patchVersion(
  db: Db,
  id: string,
  states: readonly VersionState[],
  patch: Patch<'image_versions'>,
): Promise<ImageVersion | undefined> {
  return patchRow(db, 'image_versions', id, states, patch);
}

/** Nodes of the version that are not gone, or not yet there. By the index `nodes_version`. */
export function liveNodesOfVersion(db: Db, versionId: string): Promise<Node[]> {
  return db
    .selectFrom('nodes')
    .selectAll()
    .where('version_id', '=', versionId)
    .where('state', '<>', sql.lit('deleted'))
    .execute();
}

/** Nodes of the version, gone ones included, the newest first. */
export function newestNodesOfVersion(db: Db, versionId: string, limit: number): Promise<Node[]> {
  return db
    .selectFrom('nodes')
    .selectAll()
    .where('version_id', '=', versionId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
