import type { Delivery as DeliveryRow, Project as ProjectRow } from '#controller/store';
import type { z } from 'zod';
import type { Delivery, Project } from './schema.ts';

export function viewProject(row: ProjectRow): Project {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    repository: row.repository,
    apiUrl: row.api_url,
    defaultBranch: row.default_branch,
    pipelines: row.pipelines,
    tokenSecret: row.token_secret,
    sshKeySecret: row.ssh_key_secret,
    webhookSecret: row.webhook_secret,
    knownHosts: row.known_hosts,
    depth: row.depth,
    share: row.share,
    maxNodes: row.max_nodes,
    createdAt: row.created_at,
  };
}

export function viewDelivery(row: Omit<DeliveryRow, 'payload'>): z.infer<typeof Delivery> {
  return {
    id: row.id,
    event: row.event,
    state: row.state,
    reason: row.reason,
    delivery: row.delivery,
    attempts: row.attempts,
    receivedAt: row.received_at,
    processedAt: row.processed_at,
    dueAt: row.state === 'received' ? row.due_at : null,
  };
}
