import type { Autohold as AutoholdRow } from '#controller/store';
import type { Autohold } from './schema.ts';

export function viewAutohold(rule: AutoholdRow): Autohold {
  const { id, owner, project, pipeline, job, branch, remaining, count, reason } = rule;
  return {
    id,
    owner,
    project,
    pipeline,
    job,
    branch,
    remaining,
    count,
    forMs: rule.for_ms,
    reason,
    createdAt: rule.created_at,
    expiresAt: rule.expires_at,
    endedAt: rule.ended_at,
  };
}
