import type { Tx } from '#controller/events';
import { insertNode, newId, type Node } from '#controller/store';
import type { Template } from './open-cloud.ts';

/** Writes the intent down before any cloud hears of it: a node that might come to exist always has a row (I2, L4). */
export async function intendNode(tx: Tx, template: Template, requestId: string | null): Promise<Node> {
  const { cloud, name, labels } = template;
  const node: Node = {
    id: newId(),
    cloud,
    template: name,
    request_id: requestId,
    labels: [...labels],
    state: 'planned',
    state_since: tx.at,
    reason: null,
    resource: null,
    facts: null,
    bootstrap_used_at: null,
    session_epoch: 0,
    disconnected_at: null,
    removal_failures: 0,
    removal_due_at: null,
    created_at: tx.at,
    launched_at: null,
    connected_at: null,
    ready_at: null,
    leased_at: null,
    deleted_at: null,
  };
  await insertNode(tx.db, node);
  await tx.record({
    kind: 'node',
    nodeId: node.id,
    data: { id: node.id, state: 'planned', cloud, template: name, reason: null },
  });
  return node;
}
