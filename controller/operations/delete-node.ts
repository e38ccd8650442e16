import { finishJob } from '#controller/builds';
import { audit, type Journal, type Tx } from '#controller/events';
import { retireUnleased, retireUploaded } from '#controller/nodes';
import { findJob, findNode, leaseOfNode, type Node } from '#controller/store';
import { FootmanError } from '#shared/errors';

export interface Deletion {
  /** One sentence for people. */
  reason: string | null;
  /** Who wants it: the name of a token. */
  actor: string;
  /** Also with a job, which then ends `errored`, or with files that are not stored yet, whose artifacts then fail. */
  force: boolean;
}

/**
 * Gives a node to the reaper. One that is going or gone already is left as it is.
 *
 * @throws FootmanError `not-found`; `conflict` for a node with a job or its files, unless it is forced, and for a held one in any case (I6).
 */
export function deleteNode(journal: Journal, id: string, deletion: Deletion): Promise<Node> {
  return journal.commit((tx) => deleteIn(tx, id, deletion));
}

async function deleteIn(tx: Tx, id: string, deletion: Deletion): Promise<Node> {
  const node = await findNode(tx.db, id);
  if (node === undefined) throw new FootmanError('not-found', `there is no node ${id}`);
  if (node.state === 'deleting' || node.state === 'deleted') return node;
  if (node.state === 'held') {
    throw new FootmanError('conflict', `node ${id} is held: it goes when it is released, or its time is up`);
  }
  const { actor, reason, force } = deletion;
  const why = `deleted by ${actor}${reason === null ? '' : `: ${reason}`}`;
  const isDone = await part(tx, node, why, force);
  if (isDone) await audit(tx, { actor, action: 'node.deleted', subject: id, data: { reason, force } });
  // Between the look and the step it may have got a job, lost it, or been held: nodes only move on, so that this ends.
  return deleteIn(tx, id, deletion);
}

/** False where it was in another state by then. */
async function part(tx: Tx, node: Node, why: string, force: boolean): Promise<boolean> {
  const { id, state } = node;
  if (state === 'leased') return endJob(tx, node, why, force);
  if (state !== 'uploading') return (await retireUnleased(tx, id, why)) !== undefined;
  if (!force) {
    throw new FootmanError('conflict', `node ${id} has files of its job that are not in the storage yet`, {
      hint: 'it goes by itself when they are, or their time is up; by force they are lost, and their artifacts say so',
    });
  }
  return (await retireUploaded(tx, id, why)) !== undefined;
}

/** False where it has ended meanwhile. Whoever wanted the node held does not get it: it is to go. */
async function endJob(tx: Tx, { id }: Node, why: string, force: boolean): Promise<boolean> {
  const lease = await leaseOfNode(tx.db, id);
  const job = lease && (await findJob(tx.db, lease.job_id));
  if (job === undefined) throw new Error(`node ${id} is leased, but has no lease`);
  if (!force) {
    throw new FootmanError('conflict', `node ${id} has the job ${job.key} (${job.id})`, {
      hint: 'it goes by itself when the job ends; by force the job ends as errored, now',
    });
  }
  const ended = await finishJob(tx, job.id, {
    result: 'errored',
    reason: `its node was ${why}`,
    from: ['leased', 'running'],
    isNodeGone: true,
  });
  return ended !== undefined;
}
