import type { Node as NodeRow } from '#controller/store';
import type { Node } from './schema.ts';

export function viewNode(node: NodeRow): Node {
  return {
    id: node.id,
    cloud: node.cloud,
    template: node.template,
    labels: node.labels,
    state: node.state,
    stateSince: node.state_since,
    reason: node.reason,
    failure: node.failure,
    cordoned: node.cordoned,
    resource: node.resource,
    image: node.image,
    host: node.host,
    facts: node.facts,
    connected: node.session_epoch > 0 && node.disconnected_at === null && node.state !== 'deleted',
    removalFailures: node.removal_failures,
    requestedAt: node.requested_at,
    createdAt: node.created_at,
    launchedAt: node.launched_at,
    connectedAt: node.connected_at,
    readyAt: node.ready_at,
    checkedAt: node.checked_at,
    leasedAt: node.leased_at,
    stoppedAt: node.stopped_at,
    deletedAt: node.deleted_at,
  };
}
