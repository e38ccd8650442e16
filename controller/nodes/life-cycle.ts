import { assertTransition, type Transitions, type Tx } from '#controller/events';
import { pinOf } from '#controller/matching';
import {
  holdOfNode,
  recordDecline,
  swapState,
  type DeclineCode,
  type NewNode,
  type Node,
  type NodeFailure,
  type NodeState,
} from '#controller/store';

/**
 * The life of a node.
 *
 * `planned`     the intent is in the store; no cloud has heard of it
 * `launching`   the cloud was asked, or is being asked; a resource may exist
 * `connecting`  the cloud accepted; the agent has not dialled in yet
 * `checking`    the agent is connected; the node is being looked at
 * `ready`       waits for a job
 * `leased`      is one job's own, for ever (I1): there is no way back to `ready`
 * `uploading`   its job has ended, and files of it are on the node still: it goes when they are in the storage, or their time is up
 * `held`        kept for a person to look at
 * `failed`      did not become ready, or was lost; the reason stands in the row
 * `deleting`    the reaper removes it; it still counts against every quota
 * `deleted`     the cloud confirmed that it is gone
 *
 * A ready node that idles is looked at again: `ready → checking → ready`.
 * An agent may be faster than the cloud's answer to `launch`, so `launching` may go to `checking` directly.
 */
export const NODE_TRANSITIONS: Transitions<NodeState> = {
  planned: ['launching', 'failed', 'deleting'],
  launching: ['connecting', 'checking', 'failed', 'deleting'],
  connecting: ['checking', 'failed', 'deleting'],
  checking: ['ready', 'failed', 'deleting'],
  ready: ['leased', 'checking', 'failed', 'deleting'],
  leased: ['uploading', 'held', 'deleting'],
  uploading: ['deleting'],
  held: ['deleting'],
  failed: ['deleting'],
  deleting: ['deleted'],
  deleted: [],
};

/** States in which a node is on its way to its job. */
export const UNLEASED = [
  'planned',
  'launching',
  'connecting',
  'checking',
  'ready',
] as const satisfies NodeState[];

/** Moves the node by compare-and-swap; undefined means that it was in none of the states `from`, and nothing happened. */
export async function moveNode(
  tx: Tx,
  id: string,
  from: readonly NodeState[],
  to: NodeState,
  set: Partial<NewNode> = {},
): Promise<Node | undefined> {
  assertTransition('node', NODE_TRANSITIONS, from, to);
  if (await isKept(tx, id, from)) return undefined;
  const node = await swapState(tx.db, 'nodes', id, from, to, set, tx.at);
  if (node === undefined) return undefined;
  const { cloud, template, reason, failure } = node;
  // What it tells of its start, it tells of that version alone.
  const pin = pinOf(node);
  const data = { id, state: to, cloud, template, reason, ...(pin !== null && { pin }) };
  // One that was ready once has started all the same.
  const mishap = failure === null ? {} : { failure, hadStarted: node.ready_at !== null };
  // Only the first time: a node that was looked at again has started long ago.
  const { ready_at: readyAt = null } = set;
  const start = readyAt === null ? {} : { startMs: readyAt - node.created_at };
  await tx.record({ kind: 'node', nodeId: id, data: { ...data, ...mishap, ...start } });
  return node;
}

/** The one question that every way out of `held` asks, whoever takes it (I6): a node goes when its hold has ended, not before. */
async function isKept(tx: Tx, id: string, from: readonly NodeState[]): Promise<boolean> {
  return from.includes('held') && (await holdOfNode(tx.db, id))?.state === 'held';
}

/** Gives a node to the reaper, be it a job's: only for whoever ends that job's lease. Idempotent. */
export async function retireNode(
  tx: Tx,
  id: string,
  reason: string | null = null,
): Promise<Node | undefined> {
  const set = reason === null ? { removal_due_at: tx.at } : { removal_due_at: tx.at, reason };
  return moveNode(tx, id, [...UNLEASED, 'leased', 'failed'], 'deleting', set);
}

/**
 * Gives a node without a job to the reaper. Whoever decides that nobody wants a node has looked a moment ago: if a job has got it since, the
 * job keeps it (I1, L2).
 */
export async function retireUnleased(tx: Tx, id: string, reason: string): Promise<Node | undefined> {
  return moveNode(tx, id, [...UNLEASED, 'failed'], 'deleting', { removal_due_at: tx.at, reason });
}

/** Gives a node to the reaper whose files are stored, or which can't give them any more. */
export async function retireUploaded(tx: Tx, id: string, reason: string | null): Promise<Node | undefined> {
  const set = reason === null ? {} : { reason };
  return moveNode(tx, id, ['uploading'], 'deleting', { removal_due_at: tx.at, ...set });
}

/** Why a node that never served goes. */
export interface Mishap {
  /** One sentence. */
  reason: string;
  failure: NodeFailure;
  /** It won't pass by itself: the request asks this candidate never again. */
  isFinal?: boolean;
}

/** Takes a node that never served out of the way; its request hears why. False when it has a job, or was gone already. */
export async function failNode(
  tx: Tx,
  id: string,
  { reason, failure, isFinal = false }: Mishap,
): Promise<boolean> {
  const failed = await moveNode(tx, id, UNLEASED, 'failed', { reason, failure });
  if (failed === undefined) return false;
  const { cloud, template, request_id: request } = failed;
  const code: DeclineCode = failure === 'aborted' ? 'aborted' : isFinal ? 'refused' : 'failed';
  if (request !== null)
    await recordDecline(tx.db, request, { cloud, template, code, reason, final: isFinal, at: tx.at });
  await retireNode(tx, id);
  return true;
}
