import type { Tx } from '#controller/events';
import { appendAudit, newId, type AuditEntry, type Hold } from '#controller/store';

/** Tells everybody how the hold is now. */
export async function recordHold(tx: Tx, hold: Hold, more: Record<string, unknown> = {}): Promise<void> {
  const { id, state, owner, reason, outcome, expires_at: expiresAt } = hold;
  await tx.record({
    kind: 'hold',
    buildId: hold.build_id,
    jobId: hold.job_id,
    nodeId: hold.node_id,
    data: { id, state, owner, reason, outcome, expiresAt, ...more },
  });
}

/** For whoever asks later who did it. */
export async function auditHold(
  tx: Tx,
  { id, node_id: node, owner }: Pick<Hold, 'id' | 'node_id' | 'owner'>,
  action: string,
  actor: string,
  data: Record<string, unknown> = {},
): Promise<void> {
  await note(tx, { subject: id, action, actor, data: { node, owner, ...data } });
}

/** The same of what is no hold. */
export async function note(tx: Tx, entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void> {
  await appendAudit(tx.db, { id: newId(), at: tx.at, ...entry });
}
