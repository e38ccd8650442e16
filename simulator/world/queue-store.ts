import type { QueuedJob, QueueStore } from '#controller/scheduler';
import { formatDuration } from '#shared/quantity';
import { finishJob, lease } from './job-life.ts';
import { addRequest } from './request-life.ts';
import type { World } from './world.ts';

/** What the scheduler reads and writes, on a simulated world. */
export function createWorldQueue(world: World): QueueStore {
  return {
    queued: async (limit) => world.queue.all().slice(0, limit),
    ready: async () => [...world.ready.all()],
    usage: async () => new Map(world.usage),
    cordons: async () => world.cordons,
    asked: async () => new Set(world.requestOfJob.keys()),
    place: async (job, node) => lease(world, job.id, node.id),
    ask: async (job) => ask(world, job),
    giveUp: async (job) => giveUp(world, job),
  };
}

function ask(world: World, { id, rank, priority, project, runsOn, images }: QueuedJob): void {
  if (!world.queue.has(id) || world.requestOfJob.has(id)) return;
  world.commit(() =>
    addRequest(world, {
      id: world.newId(),
      jobId: id,
      pool: null,
      runsOn,
      images,
      state: 'requested',
      declines: [],
      createdAt: world.clock.now(),
      rank,
      priority,
      project,
    }),
  );
}

function giveUp(world: World, { id, queuedAt, deadline }: QueuedJob): void {
  const last = world.requests.get(world.requestOfJob.get(id) ?? '')?.declines.at(-1);
  const why = last === undefined ? '' : `; ${last.cloud}/${last.template}: ${last.reason}`;
  if (world.queue.has(id))
    finishJob(world, id, 'errored', `no node within ${formatDuration(deadline - queuedAt)}${why}`);
}
