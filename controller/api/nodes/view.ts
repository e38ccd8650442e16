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
    resource: node.resource,
    facts: node.facts,
    connected: node.session_epoch > 0 && node.disconnected_at === null && node.state !== 'deleted',
    removalFailures: node.removal_failures,
    createdAt: node.created_at,
    readyAt: node.ready_at,
    leasedAt: node.leased_at,
    deletedAt: node.deleted_at,
  };
}
