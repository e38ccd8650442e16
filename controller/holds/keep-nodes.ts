import type { Tx } from '#controller/events';
import { moveNode, retireNode } from '#controller/nodes';
import {
  findBuild,
  hasWaitingArtifacts,
  type Build,
  type HoldWish,
  type Job,
  type Node,
  type Result,
} from '#controller/store';
import { takeAutohold } from './take-autohold.ts';
import { beginHold } from './life-cycle.ts';

/** A job that has ended, and what became of the machine under it. */
export interface Parting {
  job: Job;
  nodes: readonly Node[];
  /** What a hold among the job's steps asks for that was never reached: its agent was lost, say. */
  unreached: HoldWish | undefined;
  /** Another attempt follows: its failure is not the last word, and only who asked for this very job gets its node. */
  isRetried: boolean;
  /** Its resource has vanished from the cloud. */
  isNodeGone: boolean;
}

/** What somebody who holds failures wants to see. */
const FAILED: ReadonlySet<Result | null> = new Set(['failure', 'errored', 'timed-out']);

/**
 * Holds the nodes of a job that has ended, where somebody asked for that, and gives them to the reaper where nobody did, as soon as no artifact
 * waits on them for the storage. It is decided in the
 * transaction that ends the job, so that the result waits for nothing.
 */
export async function partFromNodes(tx: Tx, parting: Parting): Promise<void> {
  const { job, nodes } = parting;
  for (const node of nodes) {
    const build = await findBuild(tx.db, job.build_id);
    const wish = build && (await wishFor(tx, build, node, parting));
    if (build !== undefined && wish !== undefined) await beginHold(tx, { node, job, build, wish });
    else if (await hasWaitingArtifacts(tx.db, job.id)) await moveNode(tx, node.id, ['leased'], 'uploading');
    else await retireNode(tx, node.id);
  }
}

async function wishFor(tx: Tx, build: Build, node: Node, parting: Parting): Promise<HoldWish | undefined> {
  const { job, unreached, isRetried, isNodeGone } = parting;
  // Its agent is gone for good, or there is no machine: nobody could look at anything.
  if (isNodeGone || node.capture_id !== null) return undefined;
  const isFailed = FAILED.has(job.result);
  const own = job.hold ?? unreached ?? null;
  const isAsked = own !== null && (own.on === 'end' || isFailed);
  if (isAsked && !(isRetried && own.origin !== 'request')) return own;
  if (!isFailed || isRetried) return undefined;
  return takeAutohold(tx, build, job);
}
