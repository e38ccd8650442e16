import type { Journal, Tx } from '#controller/events';
import { findBuild, jobsOfBuild, markCancelled, patchJob, type Build, type Job } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { advanceBuild } from './advance.ts';
import { endJob } from './finish-job.ts';

/**
 * Asks a build to stop. Jobs without a node end at once; the others get SIGTERM, a grace, then SIGKILL, and end when their agent says so,
 * or when it is lost. Asking twice changes nothing.
 *
 * @throws FootmanError `not-found`
 */
export async function cancelBuild(journal: Journal, buildId: string, reason: string): Promise<Build> {
  return journal.commit(async (tx) => {
    await markCancelled(tx.db, buildId, tx.at);
    // All are asked before any moves on, or those that wait for a cancelled one would count as skipped.
    for (const job of await jobsOfBuild(tx.db, buildId)) await askToStop(tx, job, reason);
    const known = await findBuild(tx.db, buildId);
    if (known === undefined) throw new FootmanError('not-found', `there is no build ${buildId}`);
    await advanceBuild(tx, buildId);
    return (await findBuild(tx.db, buildId)) ?? known;
  });
}

/** Asks one job to stop; see {@link cancelBuild}. */
export async function cancelJob(tx: Tx, job: Job, reason: string): Promise<void> {
  await askToStop(tx, job, reason);
  await advanceBuild(tx, job.build_id);
}

async function askToStop(tx: Tx, job: Job, reason: string): Promise<void> {
  if (job.state === 'finished' || job.cancel_requested_at !== null) return;
  if (job.state === 'blocked' || job.state === 'queued') {
    await endJob(tx, job.id, { result: 'cancelled', reason, from: ['blocked', 'queued'] });
    return;
  }
  const marked = await patchJob(tx.db, job.id, ['leased', 'running'], { cancel_requested_at: tx.at, reason });
  if (marked === undefined) return;
  const data = { id: job.id, state: marked.state, key: job.key, result: null, reason, cancelRequested: true };
  await tx.record({ kind: 'job', buildId: job.build_id, jobId: job.id, data });
}
