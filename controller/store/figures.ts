import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { Node } from './schema.ts';

/** A node's life as far as figures are taken from it. */
export type NodeLife = Pick<Node, (typeof LIFE)[number]>;

const LIFE = [
  'state',
  'failure',
  'requested_at',
  'created_at',
  'launched_at',
  'connected_at',
  'ready_at',
] as const;

/**
 * The template's newest nodes, those that are gone too; the newest first. Those that were made for one version of an image tell nothing of
 * the template, and are left out. Ids sort by the time of their making.
 */
export function newestLives(
  db: Db,
  { cloud, template }: { cloud: string; template: string },
  limit: number,
): Promise<NodeLife[]> {
  return db
    .selectFrom('nodes')
    .select(LIFE)
    .where('cloud', '=', cloud)
    .where('template', '=', template)
    .where('pinned', '=', 0)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** When a job got its node, and when it gave it back; null while it has it. In milliseconds since the epoch. */
export interface Holding {
  from: number;
  to: number | null;
}

/** How long jobs had the newest nodes of the template; those that no job has had are left out. */
export function newestHoldings(
  db: Db,
  { cloud, template }: { cloud: string; template: string },
  limit: number,
): Promise<Holding[]> {
  return db
    .selectFrom('nodes')
    .innerJoin('lease_nodes', 'lease_nodes.node_id', 'nodes.id')
    .innerJoin('leases', 'leases.id', 'lease_nodes.lease_id')
    .select(['leases.created_at as from', 'leases.ended_at as to'])
    .where('nodes.cloud', '=', cloud)
    .where('nodes.template', '=', template)
    .orderBy('nodes.id', 'desc')
    .limit(limit)
    .execute();
}

/** Jobs in the queue by what keeps them from a node. */
export interface QueueCount {
  /** `starting` while a node is on its way; else the code of the newest no, or `new` for a job that nobody has looked at. */
  reason: string;
  count: number;
}

/** Costs as much as there are such jobs, and live nodes. */
export async function countQueue(db: Db): Promise<QueueCount[]> {
  const starting = await db
    .selectFrom('nodes')
    .select('request_id')
    .where('state', '<>', sql.lit('deleted'))
    .where('leased_at', 'is', null)
    .where('failure', 'is', null)
    .execute();
  const served = new Set(starting.map(({ request_id: id }) => id));
  const waiting = await db
    .selectFrom('jobs')
    .leftJoin('node_requests', (join) =>
      join
        .onRef('node_requests.job_id', '=', 'jobs.id')
        .on('node_requests.state', 'in', [sql.lit('requested' as const), sql.lit('pending' as const)]),
    )
    .select(['node_requests.id as request', 'node_requests.declines'])
    .where('jobs.state', '=', sql.lit('queued'))
    .execute();
  const counts = new Map<string, number>();
  for (const { request, declines } of waiting) {
    const isStarting = request !== null && served.has(request);
    const reason = isStarting ? 'starting' : (declines?.at(-1)?.code ?? 'new');
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count }));
}

export interface LeakCount {
  cloud: string;
  /** Resources that the sweep found without a living node. */
  found: number;
  /** Those of them that the cloud has confirmed to be gone. */
  removed: number;
}

/** Clouds without leaks are left out. Costs as much as there are leaks on record. */
export function countLeaks(db: Db): Promise<LeakCount[]> {
  return db
    .selectFrom('leaks')
    .select('cloud')
    .select(({ fn }) => [fn.countAll<number>().as('found'), fn.count<number>('removed_at').as('removed')])
    .groupBy('cloud')
    .orderBy('cloud')
    .execute();
}
