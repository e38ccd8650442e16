import { assertTransition, type Transitions, type Tx } from '#controller/events';
import { lockBuildOfJob, swapState, type Job, type JobState, type NewJob } from '#controller/store';

/**
 * The life of a job attempt.
 *
 * `blocked`   a job that it needs has not ended, or it waits for a retry's time, its matrix, its prepared image or its concurrency group
 * `queued`    waits for its nodes; back to `blocked` where the image that they were to be made from is bad
 * `leased`    has its nodes; no step has started
 * `running`   steps run
 * `finished`  has its one result (I3)
 */
const TRANSITIONS: Transitions<JobState> = {
  blocked: ['queued', 'finished'],
  queued: ['leased', 'finished', 'blocked'],
  leased: ['running', 'finished'],
  running: ['finished'],
  finished: [],
};

export const UNFINISHED = ['blocked', 'queued', 'leased', 'running'] as const satisfies JobState[];

/** Transitions of one build's jobs are made one after another, so that each sees the ones before it. */
export async function moveJob(
  tx: Tx,
  id: string,
  from: readonly JobState[],
  to: JobState,
  set: Partial<NewJob> = {},
): Promise<Job | undefined> {
  assertTransition('job', TRANSITIONS, from, to);
  await lockBuildOfJob(tx.db, id);
  const job = await swapState(tx.db, 'jobs', id, from, to, set, tx.at);
  if (job === undefined) return undefined;
  const { key, result, reason, concurrency_group: group, runs_on: runsOn, attempt, images } = job;
  // Somebody else may have its place.
  const hasLeft = to === 'finished' || to === 'blocked';
  const grouped = group !== null && hasLeft ? { grouped: true } : {};
  // A job that starts from an image takes no node of a pool.
  const queued = { runsOn, attempt, ...(images !== null && { images: true }) };
  await tx.record({
    kind: 'job',
    buildId: job.build_id,
    jobId: id,
    data: { id, state: to, key, result, reason, ...grouped, ...(to === 'queued' ? queued : {}) },
  });
  return job;
}
