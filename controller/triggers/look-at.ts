import type { Delivery, Project } from '#controller/store';
import {
  lookAtPullRequest,
  lookAtPush,
  lookAtTrunk,
  noFindings,
  type Findings,
  type PrepareDeps,
} from './look/index.ts';
import { isOwn, readOwnEvent } from './own-event.ts';
import { readEvent } from './webhooks/read-event.ts';

/** What the delivery comes down to. Changes nothing but the mirror and the object storage, so it may be done again. */
export async function lookAt(
  deps: PrepareDeps,
  project: Project,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Findings> {
  if (isOwn(delivery.event)) return lookAtTrunk(deps, project, readOwnEvent(delivery), signal);
  const event = readEvent(project.provider, delivery.event, delivery.payload);
  switch (event.kind) {
    case 'nothing':
      return noFindings(event.reason);
    case 'push':
      return lookAtPush(deps, project, event, signal);
    case 'pull-request':
      return lookAtPullRequest(deps, project, event, signal);
  }
}
