import { appendAudit, newId, type AuditEntry } from '#controller/store';
import type { Tx } from './journal.ts';

/** Notes who did what, for whoever asks later; in the transaction that does it. */
export async function audit(tx: Tx, entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void> {
  await appendAudit(tx.db, { id: newId(), at: tx.at, ...entry });
}
