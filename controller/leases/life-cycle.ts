import type { Tx } from '#controller/events';
import { moveNode } from '#controller/nodes';
import {
  activeLeaseOfJob,
  endLease,
  insertLease,
  newId,
  nodesOfLease,
  type Job,
  type Lease,
  type Node,
} from '#controller/store';

/** A node of a job-to-be: which node plays which role. */
export interface Assignment {
  nodeId: string;
  role: string;
}

/** Somebody else was first at one of the nodes; the transaction must be undone. */
export class NodeTaken extends Error {}

/**
 * Gives the job its nodes, all or none: `ready → leased` is one compare-and-swap on each node's row (I1, L1), and the store refuses a node
 * that ever had a lease.
 *
 * @throws NodeTaken for the transaction to be rolled back.
 */
export async function grantLease(tx: Tx, job: Job, assignments: readonly Assignment[]): Promise<Lease> {
  for (const { nodeId } of assignments) {
    const node = await moveNode(tx, nodeId, ['ready'], 'leased', { leased_at: tx.at });
    if (node === undefined) throw new NodeTaken(nodeId);
  }
  const lease: Lease = {
    id: newId(),
    job_id: job.id,
    epoch: job.attempt,
    state: 'active',
    created_at: tx.at,
    ended_at: null,
  };
  const nodes = assignments.map(({ nodeId, role }) => ({ lease_id: lease.id, node_id: nodeId, role }));
  await insertLease(tx.db, { lease, nodes });
  return lease;
}

/** Ends the job's lease, if it has one, and returns its nodes: what becomes of them is for the caller to say. */
export async function endLeaseOfJob(tx: Tx, jobId: string): Promise<Node[]> {
  const lease = await activeLeaseOfJob(tx.db, jobId);
  if (lease === undefined || (await endLease(tx.db, lease.id, tx.at)) === undefined) return [];
  return nodesOfLease(tx.db, lease.id);
}
