import type { Journal, Tx } from '#controller/events';
import { findBuild, jobsOfBuild, patchJob, type Build, type Job } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { finishJob } from './finish-job.ts';

/**
 * Asks a build to stop. Jobs without a node end at once; the others get SIGTERM, a grace, then SIGKILL, and end when their agent says so,
 * or when it is lost. Asking twice changes nothing.
 *
 * @throws FootmanError `not-found`
 */
export async function cancelBuild(journal: Journal, buildId: string, reason: string): Promise<Build> {
  return journal.commit(async (tx) => {
    for (const job of await jobsOfBuild(tx.db, buildId)) await cancelJob(tx, job, reason);
    const build = await findBuild(tx.db, buildId);
    if (build === undefined) throw new FootmanError('not-found', `there is no build ${buildId}`);
    return build;
  });
}

/** Asks one job to stop; see {@link cancelBuild}. */
export async function cancelJob(tx: Tx, job: Job, reason: string): Promise<void> {
  if (job.state === 'finished' || job.cancel_requested_at !== null) return;
  if (job.state === 'blocked' || job.state === 'queued') {
    await finishJob(tx, job.id, { result: 'cancelled', reason, from: ['blocked', 'queued'] });
    return;
  }
  const marked = await patchJob(tx.db, job.id, ['leased', 'running'], { cancel_requested_at: tx.at, reason });
  if (marked === undefined) return;
  const data = { id: job.id, state: marked.state, key: job.key, result: null, reason, cancelRequested: true };
  await tx.record({ kind: 'job', buildId: job.build_id, jobId: job.id, data });
}
