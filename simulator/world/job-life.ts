import type { QueuedJob } from '#controller/scheduler';
import type { Job } from './job.ts';
import { retireNode } from './node-life.ts';
import { closeRequest } from './request-life.ts';
import { countUsage } from './usage.ts';
import { moveNode, type World } from './world.ts';

/** A job comes. */
export function submitJob(world: World, queued: QueuedJob, plan: Pick<Job, 'durationMs' | 'isHeld'>): void {
  const { id } = queued;
  const rest = {
    state: 'queued',
    nodeId: null,
    leasedAt: null,
    endedAt: null,
    result: null,
    reason: null,
  } as const;
  world.commit(() => {
    world.jobs.put({ id, queued, ...plan, ...rest });
    world.queue.put(queued);
    record(world, queued, 'queued');
  });
}

/** `queued → running` on the node, in one unit of work, by compare-and-swap on both. */
export function lease(world: World, jobId: string, nodeId: string): 'placed' | 'node taken' | 'job gone' {
  const job = world.jobs.get(jobId);
  if (job?.state !== 'queued') return 'job gone';
  const now = world.clock.now();
  return world.commit(() => {
    if (moveNode(world, nodeId, ['ready'], 'leased', { leased_at: now }) === undefined) return 'node taken';
    world.queue.delete(jobId);
    world.jobOfNode.set(nodeId, jobId);
    world.jobs.put({ ...job, state: 'running', nodeId, leasedAt: now });
    countUsage(world, job.queued, 1);
    closeRequestOf(world, jobId, 'fulfilled');
    record(world, job.queued, 'leased');
    return 'placed';
  });
}

/** The job ends, whatever it was doing; its node is held or goes. A job that has ended stays as it is. */
export function finishJob(
  world: World,
  jobId: string,
  result: 'success' | 'errored',
  reason: string | null,
): void {
  const job = world.jobs.get(jobId);
  if (job === undefined) return;
  const ended: Job = { ...job, state: 'finished', endedAt: world.clock.now(), result, reason };
  world.commit(() => {
    world.queue.delete(jobId);
    world.jobs.delete(jobId);
    closeRequestOf(world, jobId, 'withdrawn');
    if (job.nodeId !== null) countUsage(world, job.queued, -1);
    if (job.nodeId !== null && job.isHeld) moveNode(world, job.nodeId, ['leased'], 'held');
    else if (job.nodeId !== null) retireNode(world, job.nodeId);
    world.onJobEnd?.(ended);
    record(world, job.queued, 'finished');
  });
}

function closeRequestOf(world: World, jobId: string, as: 'fulfilled' | 'withdrawn'): void {
  const id = world.requestOfJob.get(jobId);
  if (id !== undefined) closeRequest(world, id, as);
}

function record(world: World, { id, buildId, runsOn }: QueuedJob, state: string): void {
  world.record({ kind: 'job', buildId, jobId: id, data: { id, state, runsOn, attempt: 1 } });
}
