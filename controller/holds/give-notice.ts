import type { Tx } from '#controller/events';
import { findBuild, findJob, insertNotice, newId, type Hold } from '#controller/store';

/** What is told about a hold: that it has begun, is soon over, or is over. */
export type Occasion = 'held' | 'reminder' | 'ended';

/** For whom the configuration names, if anybody: the keeper tells them. It is written with the change itself, so that none is lost. */
export async function giveNotice(tx: Tx, hold: Hold, occasion: Occasion): Promise<void> {
  const build = await findBuild(tx.db, hold.build_id);
  const job = await findJob(tx.db, hold.job_id);
  const { id, state, owner, origin, reason, outcome } = hold;
  const notice = {
    event: occasion,
    at: timeOf(tx.at),
    hold: { id, state, owner, origin, reason, outcome },
    node: { id: hold.node_id, cloud: hold.cloud, template: hold.template },
    build: { id: hold.build_id, number: build?.number ?? null, pipeline: build?.pipeline ?? null },
    job: { id: hold.job_id, key: job?.key ?? null, result: job?.result ?? null },
    createdAt: timeOf(hold.created_at),
    expiresAt: timeOf(hold.expires_at),
  };
  const row = { id: newId(), hold_id: id, notice, attempts: 0, due_at: tx.at, problem: null };
  await insertNotice(tx.db, { ...row, created_at: tx.at });
}

function timeOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
