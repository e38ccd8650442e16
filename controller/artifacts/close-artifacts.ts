import type { Tx } from '#controller/events';
import { artifactsOfJob, type Job } from '#controller/store';
import { moveArtifact } from './life-cycle.ts';

/** What becomes of those that wait for the storage: they go on waiting, or end with their job. */
export interface Closing {
  mayWait: boolean;
}

/** Ends what is left of a finished job's artifacts: nobody collects them any more, but for those that wait. */
export async function closeArtifacts(tx: Tx, job: Job, { mayWait }: Closing): Promise<void> {
  const ran = job.started_at !== null;
  for (const { id, state } of await artifactsOfJob(tx.db, job.id)) {
    const isOpen = state === 'pending' || state === 'collecting' || (state === 'waiting' && !mayWait);
    if (!isOpen) continue;
    const to = ran ? 'failed' : 'empty';
    const reason = ran ? `its job ended first${job.reason ? `: ${job.reason}` : ''}` : 'its job did not run';
    await moveArtifact(tx, job, id, [state], to, { reason, waits_until: null, finished_at: tx.at });
  }
}
