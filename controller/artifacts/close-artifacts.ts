import type { Tx } from '#controller/events';
import { artifactsOfJob, type Job } from '#controller/store';
import { moveArtifact } from './life-cycle.ts';

/** Ends what is left of a finished job's artifacts: nobody collects them any more. */
export async function closeArtifacts(tx: Tx, job: Job): Promise<void> {
  const ran = job.started_at !== null;
  for (const { id, state } of await artifactsOfJob(tx.db, job.id)) {
    if (state !== 'pending' && state !== 'collecting') continue;
    const to = ran ? 'failed' : 'empty';
    const reason = ran ? `its job ended first${job.reason ? `: ${job.reason}` : ''}` : 'its job did not run';
    await moveArtifact(tx, job, id, [state], to, { reason, finished_at: tx.at });
  }
}
