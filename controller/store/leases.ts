import { sql } from 'kysely';
import type { Db } from './db.ts';
import { insertLabelTerms } from './job-terms.ts';
import type { Lease, NewLease, NewLeaseNode, Node } from './schema.ts';
import { swapState } from './swap-state.ts';
import { inTransaction } from './transaction.ts';

/** A node and which of the job's it is. */
export interface LeasedNode extends Node {
  role: string;
}

/**
 * Writes the claim. The tables refuse (`isUniqueViolation`) a node that ever had a lease (I1), a second active lease of a job, and an
 * epoch used twice: belts and braces, for the caller has won the nodes and the job by `swapState` in the same transaction.
 */
export function insertLease(
  db: Db,
  { lease, nodes }: { lease: NewLease; nodes: readonly NewLeaseNode[] },
): Promise<void> {
  return inTransaction(db, async (db) => {
    await db.insertInto('leases').values(lease).execute();
    if (nodes.length === 0) return;
    await db
      .insertInto('lease_nodes')
      .values(nodes.map((node) => ({ ...node, lease_id: lease.id })))
      .execute();
    await insertLabelTerms(
      db,
      lease.job_id,
      nodes.map(({ node_id }) => node_id),
    );
  });
}

export function findLease(db: Db, id: string): Promise<Lease | undefined> {
  return db.selectFrom('leases').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The lease that the node has or had: there is one in its life. */
export function leaseOfNode(db: Db, nodeId: string): Promise<Lease | undefined> {
  return db
    .selectFrom('leases')
    .innerJoin('lease_nodes', 'lease_nodes.lease_id', 'leases.id')
    .selectAll('leases')
    .where('lease_nodes.node_id', '=', nodeId)
    .executeTakeFirst();
}

export function activeLeaseOfJob(db: Db, jobId: string): Promise<Lease | undefined> {
  return db
    .selectFrom('leases')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('state', '=', sql.lit('active'))
    .executeTakeFirst();
}

/** Oldest first. What a loop looks at: as many rows as there are jobs on nodes. */
export function activeLeases(db: Db): Promise<Lease[]> {
  return db
    .selectFrom('leases')
    .selectAll()
    .where('state', '=', sql.lit('active'))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/**
 * Nodes that jobs have, by the project of their build; those of no project under null, as in the queue. Reads as many rows as there are
 * jobs on nodes.
 */
export async function usageByProject(db: Db): Promise<ReadonlyMap<string | null, number>> {
  const rows = await db
    .selectFrom('leases')
    .innerJoin('lease_nodes', 'lease_nodes.lease_id', 'leases.id')
    .innerJoin('jobs', 'jobs.id', 'leases.job_id')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .leftJoin('projects', 'projects.id', 'builds.project_id')
    .select('projects.id')
    .select(({ fn }) => fn.countAll<number>().as('nodes'))
    .where('leases.state', '=', sql.lit('active'))
    .groupBy('projects.id')
    .execute();
  return new Map(rows.map(({ id, nodes }) => [id, nodes]));
}

/** A job's place on a node, in the words that people use. */
export interface JobOnNode {
  nodeId: string;
  /** Number of its build. */
  build: number;
  key: string;
}

/** Which jobs have nodes now: as many rows as there are jobs on nodes. */
export function jobsOnNodes(db: Db): Promise<JobOnNode[]> {
  return db
    .selectFrom('leases')
    .innerJoin('lease_nodes', 'lease_nodes.lease_id', 'leases.id')
    .innerJoin('jobs', 'jobs.id', 'leases.job_id')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select(['lease_nodes.node_id as nodeId', 'builds.number as build', 'jobs.key'])
    .where('leases.state', '=', sql.lit('active'))
    .execute();
}

/** The jobs that these nodes have or had. */
export async function jobsOfNodes(db: Db, nodeIds: readonly string[]): Promise<JobOnNode[]> {
  if (nodeIds.length === 0) return [];
  return await db
    .selectFrom('lease_nodes')
    .innerJoin('leases', 'leases.id', 'lease_nodes.lease_id')
    .innerJoin('jobs', 'jobs.id', 'leases.job_id')
    .innerJoin('builds', 'builds.id', 'jobs.build_id')
    .select(['lease_nodes.node_id as nodeId', 'builds.number as build', 'jobs.key'])
    .where('lease_nodes.node_id', 'in', nodeIds)
    .execute();
}

export function nodesOfLease(db: Db, leaseId: string): Promise<LeasedNode[]> {
  return db
    .selectFrom('lease_nodes')
    .innerJoin('nodes', 'nodes.id', 'lease_nodes.node_id')
    .selectAll('nodes')
    .select('lease_nodes.role')
    .where('lease_nodes.lease_id', '=', leaseId)
    .orderBy('lease_nodes.role')
    .orderBy('nodes.id')
    .execute();
}

/** Undefined when it had ended before. */
export function endLease(db: Db, id: string, at: number): Promise<Lease | undefined> {
  return swapState(db, 'leases', id, ['active'], 'ended', { ended_at: at }, at);
}
