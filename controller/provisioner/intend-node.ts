import type { Tx } from '#controller/events';
import type { Template } from '#controller/fleet';
import { insertNode, newId, type Node } from '#controller/store';

/** What a node is made for. */
export interface Intent {
  template: Pick<Template, 'cloud' | 'name' | 'digest' | 'labels'>;
  request: { id: string; createdAt: number } | null;
  isHedge?: boolean;
  host?: string | null;
  /** The version of an image stream that it is made from. */
  versionId?: string | null;
  /** Whether only those who ask for that version may have it. */
  isPinned?: boolean;
}

/** Writes the intent down before any cloud hears of it: a node that might come to exist always has a row (I2, L4). */
export async function intendNode(tx: Tx, intent: Intent): Promise<Node> {
  const node = plannedNode(newId(), intent, tx.at);
  await insertNode(tx.db, node);
  const { id, cloud, template } = node;
  await tx.record({
    kind: 'node',
    nodeId: id,
    data: { id, state: 'planned', cloud, template, reason: null },
  });
  return node;
}

/** A row as it begins. */
export function plannedNode(
  id: string,
  { template, request, isHedge = false, host = null, versionId = null, isPinned = false }: Intent,
  at: number,
): Node {
  return {
    id,
    cloud: template.cloud,
    template: template.name,
    template_digest: template.digest,
    image: null,
    version_id: versionId,
    pinned: isPinned ? 1 : 0,
    capture_id: null,
    host,
    request_id: request?.id ?? null,
    labels: [...template.labels],
    state: 'planned',
    state_since: at,
    reason: null,
    failure: null,
    hedge: isHedge ? 1 : 0,
    cordoned: null,
    resource: null,
    facts: null,
    boot: null,
    reboot_due_at: null,
    bootstrap_used_at: null,
    session_epoch: 0,
    disconnected_at: null,
    removal_failures: 0,
    removal_due_at: null,
    stopped_at: null,
    requested_at: request?.createdAt ?? null,
    created_at: at,
    launched_at: null,
    connected_at: null,
    ready_at: null,
    checked_at: null,
    leased_at: null,
    deleted_at: null,
  };
}
