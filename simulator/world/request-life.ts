import type { OpenRequest } from '#controller/provisioner';
import type { Decline } from '#controller/store';
import type { World } from './world.ts';

export function addRequest(world: World, request: OpenRequest): void {
  world.requests.put(request);
  if (request.jobId !== null) world.requestOfJob.set(request.jobId, request.id);
  record(world, request, request.state);
}

/** The request is being seen to. */
export function takeUp(world: World, id: string): void {
  const request = world.requests.get(id);
  if (request?.state !== 'requested') return;
  world.requests.put({ ...request, state: 'pending' });
  record(world, request, 'pending');
}

/** The request wants no node any more. */
export function closeRequest(world: World, id: string, as: 'fulfilled' | 'failed' | 'withdrawn'): void {
  const request = world.requests.get(id);
  if (request === undefined) return;
  world.requests.delete(id);
  if (request.jobId !== null) world.requestOfJob.delete(request.jobId);
  record(world, request, as);
}

/** The newest decline of a candidate takes the place of its last one. */
export function noteDecline(world: World, id: string, decline: Decline): void {
  const request = world.requests.get(id);
  if (request === undefined) return;
  const { cloud, template } = decline;
  const others = request.declines.filter((other) => other.cloud !== cloud || other.template !== template);
  world.requests.put({ ...request, declines: [...others, decline] });
}

function record(world: World, { id, jobId }: OpenRequest, state: string): void {
  world.record({ kind: 'request', jobId, data: { id, state, role: 'main', reason: null } });
}
