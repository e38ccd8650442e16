import type { Tx } from '#controller/events';
import { closeRequests } from '#controller/requests';
import { patchJob } from '#controller/store';
import { moveJob } from './job-life-cycle.ts';

/**
 * What the waiting job was to start from is bad: that is decided anew, and nodes that were asked for are not wanted. Who has called this for
 * all jobs of a build calls `advanceBuild`, in the same transaction.
 */
export async function prepareAnew(tx: Tx, id: string): Promise<void> {
  const set = { images: null, preparation: null, preparing: 0, rank: null, queued_at: null };
  const job = await moveJob(tx, id, ['queued'], 'blocked', set);
  if (job === undefined) await patchJob(tx.db, id, ['blocked'], set);
  else await closeRequests(tx, id, 'withdrawn');
}
