import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Artifact, NodeState } from '../schema.ts';

/** An artifact whose files are on its node still, though its job has ended or is about to. */
export interface WaitingArtifact extends Artifact {
  build_id: string;
  /** Null where its job has none in the store any more. */
  node_id: string | null;
  node_state: NodeState | null;
  /** Why the node is in its state. */
  node_reason: string | null;
}

/** As many rows as there are, whatever the history; the first whose time is up comes first. */
export function waitingArtifacts(db: Db): Promise<WaitingArtifact[]> {
  return waiting(db).execute();
}

/** Those of one node. */
export function waitingOnNode(db: Db, nodeId: string): Promise<WaitingArtifact[]> {
  return waiting(db).where('lease_nodes.node_id', '=', nodeId).execute();
}

/** Whether the job has any. */
export async function hasWaitingArtifacts(db: Db, jobId: string): Promise<boolean> {
  const found = await db
    .selectFrom('artifacts')
    .select('id')
    .where('job_id', '=', jobId)
    .where('state', '=', sql.lit('waiting'))
    .executeTakeFirst();
  return found !== undefined;
}

function waiting(db: Db) {
  return db
    .selectFrom('artifacts')
    .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
    .leftJoin('leases', 'leases.job_id', 'artifacts.job_id')
    .leftJoin('lease_nodes', 'lease_nodes.lease_id', 'leases.id')
    .leftJoin('nodes', 'nodes.id', 'lease_nodes.node_id')
    .selectAll('artifacts')
    .select([
      'jobs.build_id',
      'nodes.id as node_id',
      'nodes.state as node_state',
      'nodes.reason as node_reason',
    ])
    .where('artifacts.state', '=', sql.lit('waiting'))
    .orderBy('artifacts.waits_until')
    .orderBy('artifacts.role')
    .orderBy('artifacts.position');
}
