import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { startOf } from '../ids.ts';
import type { ImageStream, ImageVersion, Node, NodeFailure, VersionState } from '../schema.ts';

/** Versions that the keeper has something to do with, oldest first. Without `deleted` among the states it reads live rows only. */
export function versionsInStates(
  db: Db,
  states: readonly Exclude<VersionState, 'deleted'>[],
): Promise<ImageVersion[]> {
  return db
    .selectFrom('image_versions')
    .selectAll()
    .where('state', '<>', sql.lit('deleted'))
    .where('state', 'in', states)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Whether it is still to be written down what became of an image of the build, though its jobs may have ended. */
export async function isVerifying(db: Db, buildId: string): Promise<boolean> {
  const found = await db
    .selectFrom('image_versions')
    .select('id')
    .where('build_id', '=', buildId)
    .where('state', 'in', ['candidate', 'verifying'])
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** An image of a build that a job of the same build verifies, or has verified. */
export interface Verification {
  /** Id of the job that made it, and key of the one that verifies it. */
  maker: string;
  verifier: string;
  state: VersionState;
}

export function verificationsOfBuild(db: Db, buildId: string): Promise<Verification[]> {
  return db
    .selectFrom('image_versions')
    .innerJoin('jobs', 'jobs.id', 'image_versions.verify_job_id')
    .select(['image_versions.job_id as maker', 'jobs.key as verifier', 'image_versions.state'])
    .where('image_versions.build_id', '=', buildId)
    .where('image_versions.job_id', 'is not', null)
    .$narrowType<{ maker: string }>()
    .execute();
}

/** What of a node's end is its image's: `aborted` says nothing, and a resource that vanished had come up. */
const IMAGES_OWN = ['launch', 'connect', 'check', 'lost'] as const satisfies NodeFailure[];

/** Streams of which at least so many nodes of the current version failed since it was promoted, and none was ever ready since then. */
export function brokenStreams(db: Db, failures: number): Promise<ImageStream[]> {
  return db
    .selectFrom('image_streams')
    .selectAll()
    .where('current', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('nodes')
            .select('nodes.id')
            .whereRef('nodes.version_id', '=', 'image_streams.current')
            .whereRef('nodes.ready_at', '>=', 'image_streams.promoted_at'),
        ),
      ),
    )
    .where(
      ({ selectFrom }) =>
        selectFrom('nodes')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .whereRef('nodes.version_id', '=', 'image_streams.current')
          .whereRef('nodes.created_at', '>=', 'image_streams.promoted_at')
          .where('nodes.failure', 'in', IMAGES_OWN),
      '>=',
      failures,
    )
    .orderBy('name')
    .orderBy('cloud')
    .execute();
}

/** Nodes of the version that failed because of what they were made from, the newest first. */
export function newestFailuresOf(db: Db, versionId: string, limit: number): Promise<Node[]> {
  return db
    .selectFrom('nodes')
    .selectAll()
    .where('version_id', '=', versionId)
    .where('failure', 'in', IMAGES_OWN)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/**
 * Nodes in the cloud that are not of the version, made since that node was, and came up or failed because of what they were made from, or of
 * their cloud. Ids sort by the time of their making.
 */
export function nodesOfOtherImages(
  db: Db,
  { cloud, versionId, sinceNode }: { cloud: string; versionId: string; sinceNode: string },
): Promise<Pick<Node, 'created_at' | 'ready_at' | 'failure'>[]> {
  return db
    .selectFrom('nodes')
    .select(['created_at', 'ready_at', 'failure'])
    .where('id', '>=', startOf(sinceNode))
    .where('cloud', '=', cloud)
    .where(({ or, eb }) => or([eb('version_id', 'is', null), eb('version_id', '<>', versionId)]))
    .where(({ or, eb }) => or([eb('ready_at', 'is not', null), eb('failure', 'in', IMAGES_OWN)]))
    .execute();
}
