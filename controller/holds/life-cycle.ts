import type { Tx } from '#controller/events';
import { moveNode } from '#controller/nodes';
import {
  insertHold,
  newId,
  swapHold,
  type Build,
  type Hold,
  type HoldWish,
  type Job,
  type Node,
} from '#controller/store';
import { grantKeys } from './grant-keys.ts';
import { giveNotice } from './give-notice.ts';
import { auditHold, recordHold } from './record.ts';

/**
 * The life of a hold.
 *
 * `held`      its node is kept as it is, for its owner and whoever has a key; the keeper looks once whether it is within the limits
 * `released`  somebody gave it back, or its machine is an image now; `outcome` says so
 * `expired`   its time was up
 *
 * It begins in the transaction that ends its job, and it ends in the one that gives its node to the reaper: there is no moment in which one of
 * the two is true and not the other (I6).
 */

/** Why a node is kept, and of what job it is. */
export interface Keeping {
  node: Node;
  job: Job;
  build: Build;
  wish: HoldWish;
}

/** Undefined where the node is no job's any more. */
export async function beginHold(tx: Tx, { node, job, build, wish }: Keeping): Promise<Hold | undefined> {
  const reason = wish.reason ?? `${job.key} ended ${job.result ?? 'otherwise'}`;
  if ((await moveNode(tx, node.id, ['leased'], 'held')) === undefined) return undefined;
  const hold: Hold = {
    id: newId(),
    state: 'held',
    state_since: tx.at,
    outcome: null,
    origin: wish.origin,
    owner: wish.owner,
    reason,
    node_id: node.id,
    cloud: node.cloud,
    template: node.template,
    build_id: build.id,
    job_id: job.id,
    scene_job_id: wish.sceneJobId ?? job.id,
    wanted_ms: wish.forMs,
    admitted: 0,
    expires_at: null,
    latest_at: null,
    reminded_for: null,
    used_at: null,
    version_id: null,
    resumes: wish.resumes ?? null,
    created_at: tx.at,
  };
  await insertHold(tx.db, hold);
  await recordHold(tx, hold);
  await grantKeys(tx, hold, wish.keys);
  return hold;
}

/** How a hold ends, and who ended it. */
export interface HoldEnding {
  state: 'released' | 'expired';
  /** A sentence without its subject. */
  outcome: string;
  actor: string;
}

/** Ends the hold, and gives its node to the reaper; undefined when it had ended before. Nothing else ends the time of a held node (I6). */
export async function endHold(
  tx: Tx,
  id: string,
  { state, outcome, actor }: HoldEnding,
): Promise<Hold | undefined> {
  const hold = await swapHold(tx.db, id, state, { outcome }, tx.at);
  if (hold === undefined) return undefined;
  const set = { removal_due_at: tx.at, reason: `its hold ${outcome}` };
  await moveNode(tx, hold.node_id, ['held'], 'deleting', set);
  await recordHold(tx, hold);
  await auditHold(tx, hold, `hold.${state}`, actor, { outcome });
  await giveNotice(tx, hold, 'ended');
  return hold;
}
