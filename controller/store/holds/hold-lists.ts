import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { HoldFilter } from './holds.ts';
import type { Hold, HoldKey, NodeState, Result, VersionState } from '../schema.ts';

/** A hold with what people call that it is of. */
export interface ListedHold extends Hold {
  nodeState: NodeState;
  /** Why no agent is connected, as far as its cloud has told. */
  trouble: string | null;
  /** An agent is connected to one of the controllers. */
  connected: boolean;
  buildNumber: number;
  pipeline: string;
  jobKey: string;
  jobResult: Result | null;
  /** What its machine is, or is being, captured as. */
  snapshot: { stream: string; version: string; state: VersionState } | null;
}

/** Newest first. */
export async function listedHolds(
  db: Db,
  { owner, jobId, isLive, limit }: HoldFilter,
): Promise<ListedHold[]> {
  let query = listed(db);
  if (isLive) query = query.where('holds.state', '=', sql.lit('held'));
  if (owner !== undefined) query = query.where('holds.owner', '=', owner);
  if (jobId !== undefined) query = query.where('holds.job_id', '=', jobId);
  const rows = await query.orderBy('holds.id', 'desc').limit(limit).execute();
  return rows.map(toListed);
}

export async function findListedHold(db: Db, id: string): Promise<ListedHold | undefined> {
  const row = await listed(db).where('holds.id', '=', id).executeTakeFirst();
  return row && toListed(row);
}

function listed(db: Db) {
  return db
    .selectFrom('holds')
    .innerJoin('nodes', 'nodes.id', 'holds.node_id')
    .innerJoin('builds', 'builds.id', 'holds.build_id')
    .innerJoin('jobs', 'jobs.id', 'holds.job_id')
    .leftJoin('image_versions', 'image_versions.id', 'holds.version_id')
    .selectAll('holds')
    .select([
      'nodes.state as nodeState',
      'nodes.reason as nodeReason',
      'nodes.session_epoch as epoch',
      'nodes.disconnected_at as disconnectedAt',
      'builds.number as buildNumber',
      'builds.pipeline as pipeline',
      'jobs.key as jobKey',
      'jobs.result as jobResult',
      'image_versions.stream as stream',
      'image_versions.name as version',
      'image_versions.state as versionState',
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof listed>['execute']>>[number];

function toListed(row: Row): ListedHold {
  const { epoch, disconnectedAt, nodeReason, stream, version, versionState, ...hold } = row;
  const isNamed = stream !== null && version !== null && versionState !== null;
  const isAway = hold.nodeState === 'held' && disconnectedAt !== null;
  return {
    ...hold,
    connected: epoch > 0 && disconnectedAt === null && hold.nodeState !== 'deleted',
    trouble: isAway ? nodeReason : null,
    snapshot: isNamed ? { stream, version, state: versionState } : null,
  };
}

/** What a node or a job says of its hold. */
export type HoldBrief = Pick<Hold, 'id' | 'state' | 'owner' | 'reason' | 'node_id' | 'job_id' | 'expires_at'>;

const BRIEF = ['id', 'state', 'owner', 'reason', 'node_id', 'job_id', 'expires_at'] as const;

export async function holdsOfNodes(db: Db, nodeIds: readonly string[]): Promise<HoldBrief[]> {
  if (nodeIds.length === 0) return [];
  return db.selectFrom('holds').select(BRIEF).where('node_id', 'in', nodeIds).execute();
}

/** Oldest first. */
export async function holdsOfJobs(db: Db, jobIds: readonly string[]): Promise<HoldBrief[]> {
  if (jobIds.length === 0) return [];
  return db.selectFrom('holds').select(BRIEF).where('job_id', 'in', jobIds).orderBy('id').execute();
}

/** In the order in which they came; revoked ones too. */
export async function keysOfHolds(db: Db, holdIds: readonly string[]): Promise<HoldKey[]> {
  if (holdIds.length === 0) return [];
  return db.selectFrom('hold_keys').selectAll().where('hold_id', 'in', holdIds).orderBy('id').execute();
}

export interface HeldCount {
  cloud: string;
  template: string;
  count: number;
}

/** As many rows are read as nodes are held. */
export function countHeld(db: Db): Promise<HeldCount[]> {
  return db
    .selectFrom('holds')
    .select(['cloud', 'template', (eb) => eb.fn.countAll<number>().as('count')])
    .where('state', '=', sql.lit('held'))
    .groupBy(['cloud', 'template'])
    .execute();
}

/** Those that go on, by what they are. */
export function countOpenSessions(db: Db): Promise<{ kind: string; count: number }[]> {
  return db
    .selectFrom('hold_sessions')
    .select(['kind', (eb) => eb.fn.countAll<number>().as('count')])
    .where('ended_at', 'is', null)
    .groupBy('kind')
    .execute();
}
