import type { Tx } from '#controller/events';
import { patchJob, type Job } from '#controller/store';
import { closeJob } from './close-job.ts';

/**
 * Asks one job to stop. Without a node it ends at once; else its agent gets SIGTERM, a grace, then SIGKILL, and the job ends when the agent
 * says so, or when it is lost. Asking twice changes nothing.
 */
export async function askToStop(tx: Tx, job: Job, reason: string): Promise<void> {
  if (job.state === 'finished' || job.cancel_requested_at !== null) return;
  if (job.state === 'blocked' || job.state === 'queued') {
    await closeJob(tx, job.id, { result: 'cancelled', reason, from: ['blocked', 'queued'] });
    return;
  }
  const marked = await patchJob(tx.db, job.id, ['leased', 'running'], { cancel_requested_at: tx.at, reason });
  if (marked === undefined) return;
  const data = { id: job.id, state: marked.state, key: job.key, result: null, reason, cancelRequested: true };
  await tx.record({ kind: 'job', buildId: job.build_id, jobId: job.id, data });
}
