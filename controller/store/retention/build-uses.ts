import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { CommitStatus } from '../schema.ts';

/** That something needs a build that has ended: whose it is, and why, as a sentence that follows "because". */
export interface BuildUse {
  build: string;
  why: string;
}

/**
 * Everything that needs builds which have ended, of all builds or of these. But for results that were reused, it reads live rows only.
 */
export async function usesOfBuilds(db: Db, of?: readonly string[]): Promise<BuildUse[]> {
  const reads = [onNodes, ofHolds, ofVersions, ofVerifications, ofArtifacts, ofStatuses, ofReruns, ofReused];
  const all: BuildUse[][] = [];
  // One after another: a transaction has one connection, which takes one query at a time.
  for (const read of reads) all.push(await read(db, of));
  return all.flat();
}

async function onNodes(db: Db, of: readonly string[] | undefined): Promise<BuildUse[]> {
  let query = db
    .selectFrom('nodes')
    .innerJoin('lease_nodes', 'lease_nodes.node_id', 'nodes.id')
    .innerJoin('leases', 'leases.id', 'lease_nodes.lease_id')
    .innerJoin('jobs', 'jobs.id', 'leases.job_id')
    .select(['jobs.build_id as build', 'nodes.id as node', 'nodes.state'])
    .where('nodes.state', '<>', sql.lit('deleted'));
  if (of !== undefined) query = query.where('jobs.build_id', 'in', of);
  const rows = await query.execute();
  return rows.map(({ build, node, state }) => ({ build, why: `its node ${node} is ${state}` }));
}

/** Whose node is held, and, of a machine that was started again, whose failure it shows. */
async function ofHolds(db: Db, of: readonly string[] | undefined): Promise<BuildUse[]> {
  let query = db
    .selectFrom('holds')
    .leftJoin('jobs as scene', 'scene.id', 'holds.scene_job_id')
    .select(['holds.id', 'holds.build_id as own', 'scene.build_id as scene'])
    .where('holds.state', '=', sql.lit('held'));
  if (of !== undefined)
    query = query.where((is) => is.or([is('holds.build_id', 'in', of), is('scene.build_id', 'in', of)]));
  const rows = await query.execute();
  return rows.flatMap(({ id, own, scene }) =>
    [own, scene].flatMap((build) => (build === null ? [] : [{ build, why: `hold ${id} is of it` }])),
  );
}

/** Who made the images that are there; a machine that was held can be started again. */
async function ofVersions(db: Db, of: readonly string[] | undefined): Promise<BuildUse[]> {
  let query = db
    .selectFrom('image_versions')
    .leftJoin('holds', 'holds.version_id', 'image_versions.id')
    .leftJoin('jobs as scene', 'scene.id', 'holds.scene_job_id')
    .select(['image_versions.name', 'image_versions.build_id as maker', 'scene.build_id as scene'])
    .where('image_versions.state', '<>', sql.lit('deleted'));
  if (of !== undefined)
    query = query.where((is) =>
      is.or([is('image_versions.build_id', 'in', of), is('scene.build_id', 'in', of)]),
    );
  const rows = await query.execute();
  return rows.flatMap(({ name, maker, scene }) =>
    [maker, scene].flatMap((build) => (build === null ? [] : [{ build, why: `image ${name} is of it` }])),
  );
}

async function ofVerifications(db: Db, of: readonly string[] | undefined): Promise<BuildUse[]> {
  let query = db
    .selectFrom('image_versions')
    .innerJoin('jobs', 'jobs.id', 'image_versions.verify_job_id')
    .select(['image_versions.name', 'jobs.build_id as build'])
    .where('image_versions.state', '<>', sql.lit('deleted'));
  if (of !== undefined) query = query.where('jobs.build_id', 'in', of);
  const rows = await query.execute();
  return rows.map(({ name, build }) => ({ build, why: `it verified image ${name}` }));
}

/** What is on its way to the storage still, and reports that nobody has read. */
async function ofArtifacts(db: Db, of: readonly string[] | undefined): Promise<BuildUse[]> {
  const artifacts = db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .select(['artifacts.name', 'jobs.build_id as build']);
  let waiting = artifacts.where('artifacts.state', '=', sql.lit('waiting'));
  let unread = artifacts
    .where('artifacts.role', '=', sql.lit('junit'))
    .where('artifacts.state', '=', sql.lit('complete'))
    .where('artifacts.read_at', 'is', null);
  if (of !== undefined) {
    waiting = waiting.where('jobs.build_id', 'in', of);
    unread = unread.where('jobs.build_id', 'in', of);
  }
  const [moving, waitingToBeRead] = [await waiting.execute(), await unread.execute()];
  return [
    ...moving.map(({ name, build }) => ({ build, why: `artifact ${name} is on its way to the storage` })),
    ...waitingToBeRead.map(({ build }) => ({ build, why: 'its reports of tests are still to be read' })),
  ];
}

async function ofStatuses(db: Db, of: readonly string[] | undefined): Promise<BuildUse[]> {
  let query = db
    .selectFrom('commit_statuses')
    .select(['build_id as build', 'context'])
    .where('due_at', 'is not', null)
    .where('build_id', 'is not', null)
    .$narrowType<{ build: NonNullable<CommitStatus['build_id']> }>();
  if (of !== undefined) query = query.where('build_id', 'in', of);
  const rows = await query.execute();
  return rows.map(({ build, context }) => ({ build, why: `its status ${context} is still to be told` }));
}

async function ofReruns(db: Db, of: readonly string[] | undefined): Promise<BuildUse[]> {
  let query = db
    .selectFrom('builds')
    .select(['rerun_of as build', 'number'])
    .where('state', '<>', sql.lit('finished'))
    .where('rerun_of', 'is not', null)
    .$narrowType<{ build: string }>();
  if (of !== undefined) query = query.where('rerun_of', 'in', of);
  const rows = await query.execute();
  return rows.map(({ build, number }) => ({
    build,
    why: `build ${number}, which has not ended, repeats it`,
  }));
}

/** Results, logs and artifacts of a rerun that are those of an earlier build. */
async function ofReused(db: Db, of: readonly string[] | undefined): Promise<BuildUse[]> {
  let query = db
    .selectFrom('jobs as later')
    .innerJoin('jobs as first', 'first.id', 'later.reused_from')
    .innerJoin('builds', 'builds.id', 'later.build_id')
    .select(['first.build_id as build', 'builds.number'])
    .distinct()
    .where('later.reused_from', 'is not', null)
    .where('builds.deleting_at', 'is', null);
  if (of !== undefined) query = query.where('first.build_id', 'in', of);
  const rows = await query.execute();
  return rows.map(({ build, number }) => ({ build, why: `build ${number} has results of it` }));
}
