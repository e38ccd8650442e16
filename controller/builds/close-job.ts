import { closeArtifacts } from '#controller/artifacts';
import type { Tx } from '#controller/events';
import { endLeaseOfJob } from '#controller/leases';
import { closeRequests } from '#controller/requests';
import type { Job, JobState, Result } from '#controller/store';
import { UNFINISHED, moveJob } from './job-life-cycle.ts';
import { closeSteps } from './step-life-cycle.ts';

export interface Ending {
  result: Result;
  /** One sentence for people; null where the result says all. */
  reason: string | null;
  /** The job's declared outputs. */
  outputs?: Record<string, string>;
  /** Only from these states; any unfinished one if absent. */
  from?: readonly JobState[];
}

/** Ends the attempt, once: whoever comes second changes nothing. Its requests are withdrawn and its nodes go to the reaper. */
export async function closeJob(
  tx: Tx,
  id: string,
  { result, reason, outputs, from = UNFINISHED }: Ending,
): Promise<Job | undefined> {
  const set = {
    result,
    reason,
    finished_at: tx.at,
    // Nobody looks for its image any more.
    preparing: 0,
    ...(outputs === undefined ? {} : { outputs }),
  };
  const job = await moveJob(tx, id, from, 'finished', set);
  if (job === undefined) return undefined;
  await closeSteps(tx, job);
  await closeArtifacts(tx, job);
  await closeRequests(tx, id, 'withdrawn');
  await endLeaseOfJob(tx, id);
  return job;
}
