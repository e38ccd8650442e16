import { closeArtifacts } from '#controller/artifacts';
import type { Tx } from '#controller/events';
import { partFromNodes, type Parting } from '#controller/holds';
import { endLeaseOfJob } from '#controller/leases';
import { closeRequests } from '#controller/requests';
import type { Job, JobState, Result } from '#controller/store';
import { UNFINISHED, moveJob } from './job-life-cycle.ts';
import { closeSteps } from './step-life-cycle.ts';
import { unreachedHold } from './unreached-hold.ts';

export interface Ending {
  result: Result;
  /** One sentence for people; null where the result says all. */
  reason: string | null;
  /** The job's declared outputs. */
  outputs?: Record<string, string>;
  /** Only from these states; any unfinished one if absent. */
  from?: readonly JobState[];
  /** Its node's resource has vanished, or has to go now: there is nothing to be held. */
  isNodeGone?: boolean;
  /** Nothing is waited for any more: what it leaves and is not stored yet is lost. */
  isForced?: boolean;
}

/** An attempt that has just ended, and the nodes that it had. */
export type Closed = Pick<Parting, 'job' | 'nodes' | 'unreached' | 'isNodeGone'>;

/** Ends the attempt, once: whoever comes second changes nothing. Its requests are withdrawn and its nodes go to the reaper, or are held. */
export async function closeJob(tx: Tx, id: string, ending: Ending): Promise<Job | undefined> {
  const closed = await closeAttempt(tx, id, ending);
  if (closed !== undefined) await partFromNodes(tx, { ...closed, isRetried: false });
  return closed?.job;
}

/** The same, but for its nodes: only who knows whether another attempt follows can say what becomes of them. */
export async function closeAttempt(
  tx: Tx,
  id: string,
  { result, reason, outputs, from = UNFINISHED, isNodeGone = false, isForced = false }: Ending,
): Promise<Closed | undefined> {
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
  const unreached = await unreachedHold(tx, job);
  await closeSteps(tx, job);
  await closeArtifacts(tx, job, { mayWait: !isNodeGone && !isForced });
  await closeRequests(tx, id, 'withdrawn');
  return { job, nodes: await endLeaseOfJob(tx, id), unreached, isNodeGone };
}
