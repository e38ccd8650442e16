import { finishJob } from '#controller/builds';
import { grantLease } from '#controller/leases';
import { plannedNode } from '#controller/provisioner';
import {
  findJob,
  holdOfNode,
  insertNode,
  newId,
  patchHold,
  patchJob,
  type Hold,
  type HoldWish,
} from '#controller/store';
import type { Job } from '#controller/api';
import { runningBuild } from '#test/api-build';
import type { ApiServer } from '#test/api-server';

const TEMPLATE = { cloud: 'fake', name: 'small', digest: 'd', labels: new Set(['linux']) };
const HOUR_MS = 3_600_000;

/** A job that runs on a node of its own. */
export async function jobOnNode(api: ApiServer): Promise<{ job: Job; nodeId: string }> {
  const { job } = await runningBuild(api);
  const nodeId = newId();
  await insertNode(api.store.db, {
    ...plannedNode(nodeId, { template: TEMPLATE, request: null }, 1),
    state: 'ready',
    session_epoch: 1,
  });
  await api.journal.commit(async (tx) => {
    const row = await findJob(tx.db, job.id);
    if (row !== undefined) await grantLease(tx, row, [{ nodeId, role: 'main' }]);
  });
  return { job, nodeId };
}

/** A node that is held for an hour, after its job failed; nobody has asked whether that is within the limits, unless `isAdmitted` is false. */
export async function holdOn(
  api: ApiServer,
  { isAdmitted = true, ...wish }: Partial<HoldWish> & { isAdmitted?: boolean } = {},
): Promise<Hold> {
  const { job, nodeId } = await jobOnNode(api);
  const held = await api.journal.commit(async (tx) => {
    const hold: HoldWish = {
      on: 'failure',
      origin: 'pipeline',
      owner: 'ada',
      reason: 'it fails at night',
      forMs: null,
      keys: [],
      ...wish,
    };
    await patchJob(tx.db, job.id, ['running'], { hold });
    await finishJob(tx, job.id, { result: 'failure', reason: 'step a failed', from: ['running'] });
    const begun = await holdOfNode(tx.db, nodeId);
    const limits = { admitted: 1, expires_at: tx.at + HOUR_MS, latest_at: tx.at + 4 * HOUR_MS };
    return begun && isAdmitted ? patchHold(tx.db, begun.id, limits) : begun;
  });
  if (held === undefined) throw new Error('the node is not held');
  return held;
}
