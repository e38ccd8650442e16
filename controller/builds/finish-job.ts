import { closeArtifacts } from '#controller/artifacts';
import type { Tx } from '#controller/events';
import { endLeaseOfJob } from '#controller/leases';
import { closeRequests } from '#controller/requests';
import type { Job, JobState, Result } from '#controller/store';
import { advanceBuild } from './advance.ts';
import { UNFINISHED, moveJob } from './job-life-cycle.ts';
import { closeSteps } from './step-life-cycle.ts';

export interface Ending {
  result: Result;
  /** One sentence for people; null where the result says all. */
  reason: string | null;
  /** Only from these states; any unfinished one if absent. */
  from?: readonly JobState[];
}

/**
 * Ends the job's attempt, once: whoever comes second changes nothing. In the same transaction its requests are withdrawn, its nodes go to
 * the reaper, the jobs that wait for it move on, and the build ends with its last job.
 */
export async function finishJob(tx: Tx, id: string, ending: Ending): Promise<Job | undefined> {
  const job = await endJob(tx, id, ending);
  if (job !== undefined) await advanceBuild(tx, job.build_id);
  return job;
}

/** The same without the jobs that wait for it: for who ends several of a build, and then calls {@link advanceBuild}. */
export async function endJob(
  tx: Tx,
  id: string,
  { result, reason, from = UNFINISHED }: Ending,
): Promise<Job | undefined> {
  const job = await moveJob(tx, id, from, 'finished', { result, reason, finished_at: tx.at });
  if (job === undefined) return undefined;
  await closeSteps(tx, job);
  await closeArtifacts(tx, job);
  await closeRequests(tx, id, 'withdrawn');
  await endLeaseOfJob(tx, id);
  return job;
}
