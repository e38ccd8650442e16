import type { Tx } from '#controller/events';
import { partFromNodes } from '#controller/holds';
import { findJob, outlinesOfBuild, type Job } from '#controller/store';
import { advanceBuild } from './advance.ts';
import { askToStop } from './ask-to-stop.ts';
import { closeAttempt, type Ending } from './close-job.ts';
import { isFailed } from './result.ts';
import { retryJob } from './retry.ts';

/**
 * Ends the job's attempt, once: whoever comes second changes nothing. In the same transaction its requests are withdrawn, its nodes go to
 * the reaper, or are held, the next attempt is made if the job's `retry` says so, the jobs that wait for it move on, and the build ends with its last job.
 */
export async function finishJob(tx: Tx, id: string, ending: Ending): Promise<Job | undefined> {
  const closed = await closeAttempt(tx, id, ending);
  if (closed === undefined) return undefined;
  const { job } = closed;
  const isRetried = await retryJob(tx, job);
  await partFromNodes(tx, { ...closed, isRetried });
  if (!isRetried && isFailed(job)) await failFast(tx, job);
  await advanceBuild(tx, job.build_id);
  return job;
}

/** The other cells of the matrix need not go on. */
async function failFast(tx: Tx, job: Job): Promise<void> {
  if (job.spec.matrix?.failFast !== true) return;
  const reason = `${job.key} ended ${job.result}, and the matrix is fail-fast`;
  for (const { id, base, state } of await outlinesOfBuild(tx.db, job.build_id)) {
    if (base !== job.base || state === 'finished') continue;
    const other = await findJob(tx.db, id);
    if (other !== undefined) await askToStop(tx, other, reason);
  }
}
