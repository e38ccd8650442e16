import { UNLEASED, type Mishap } from '#controller/nodes';
import type { Decline } from '#controller/store';
import { noteDecline } from './request-life.ts';
import { moveNode, type World } from './world.ts';

/** A node of a job that has ended goes. */
export function retireNode(world: World, id: string): void {
  moveNode(world, id, [...UNLEASED, 'leased', 'failed'], 'deleting', { removal_due_at: world.clock.now() });
}

/** A node that nobody wants goes, unless a job has got it. */
export function retireUnleased(world: World, id: string, reason: string): void {
  moveNode(world, id, [...UNLEASED, 'failed'], 'deleting', { removal_due_at: world.clock.now(), reason });
}

/** Takes a node that never served out of the way; its request hears why. False when it has a job, or was gone already. */
export function failNode(world: World, id: string, { reason, failure, isFinal = false }: Mishap): boolean {
  const failed = moveNode(world, id, UNLEASED, 'failed', { reason, failure });
  if (failed === undefined) return false;
  retireNode(world, id);
  const { request_id: requestId, cloud, template } = failed;
  if (requestId === null) return true;
  const code: Decline['code'] = failure === 'aborted' ? 'aborted' : isFinal ? 'refused' : 'failed';
  noteDecline(world, requestId, { cloud, template, code, reason, final: isFinal, at: world.clock.now() });
  return true;
}

/** The agent is connected and the node is fit: it is ready, unless it goes already. */
export function admit(world: World, id: string): void {
  const now = world.clock.now();
  world.commit(() => {
    moveNode(world, id, ['launching', 'connecting'], 'checking', { connected_at: now });
    moveNode(world, id, ['checking'], 'ready', { ready_at: now, checked_at: now });
  });
}
