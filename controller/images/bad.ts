import { advanceBuild, finishJob, prepareAnew } from '#controller/builds';
import type { Tx } from '#controller/events';
import { jobsWaitingOn, patchVersion, type ImageVersion, type Job } from '#controller/store';
import { recordVersion } from './life-cycle.ts';

/** The version is never promoted again, and no job waits for a node of it any more. Its stream is locked. */
export async function markBad(tx: Tx, id: string, reason: string): Promise<void> {
  const version = await patchVersion(tx.db, id, ['ready', 'retired'], { bad: 1, reason });
  if (version === undefined) return;
  await recordVersion(tx, version);
  // An attempt that ends may leave one that waits for the same.
  for (let jobs = await jobsWaitingOn(tx.db, id); jobs.length > 0; jobs = await jobsWaitingOn(tx.db, id))
    for (const job of jobs) await letGo(tx, job, version);
}

/** Where a prepared image is bad, it is decided anew what the job starts from; else there is nothing that it could start from. */
async function letGo(tx: Tx, { id, build_id: buildId, spec }: Job, version: ImageVersion): Promise<void> {
  if (spec.prepare !== undefined) {
    await prepareAnew(tx, id);
    await advanceBuild(tx, buildId);
    return;
  }
  const reason = `image ${version.name}, which its node was to be made from, is bad: ${version.reason}`;
  await finishJob(tx, id, { result: 'errored', reason, from: ['blocked', 'queued'] });
}
