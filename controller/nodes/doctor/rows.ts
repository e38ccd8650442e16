import type { Host, Leak, Node } from '#controller/store';
import type { View } from '../sweep/index.ts';
import type { HostReport, LeakReport, NodeReport, ResourceReport } from './report.ts';

/** Rows and resources as a report shows them. */

export function asResource({ resource, verdict, reason }: View['resources'][number]): ResourceReport {
  const { id, kind, nodeId: node, createdAt } = resource;
  return { id, kind, node, createdAt, verdict, reason };
}

export function asMissing({ node, verdict, reason }: View['missing'][number]): NodeReport {
  const { id, template, state, created_at: createdAt } = node;
  return { node: id, template, state, createdAt, verdict, reason };
}

export function asStranded({ id, cloud, template, state, created_at: createdAt }: Node): NodeReport {
  const reason = `cloud ${cloud} is not configured any more`;
  return { node: id, template: `${cloud}/${template}`, state, createdAt, verdict: 'kept', reason };
}

export function asLeak(leak: Leak): LeakReport {
  const { cloud, resource, kind, node_id: node, reason, found_at: foundAt, removed_at: removedAt } = leak;
  return { cloud, resource, kind, node, reason, foundAt, removedAt };
}

export function asHost({ cloud, name, state, state_since: since, due_at: dueAt, reason }: Host): HostReport {
  return { cloud, name, state, since, dueAt, reason };
}
