import type { Db } from './db.ts';
import type { AuditEntry } from './schema.ts';

/** In the transaction that does what it tells of. */
export async function appendAudit(db: Db, entry: AuditEntry): Promise<void> {
  await db.insertInto('audit').values(entry).execute();
}

export interface AuditFilter {
  subject?: string | undefined;
  limit: number;
}

/** Newest first. */
export function listAudit(db: Db, { subject, limit }: AuditFilter): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit').selectAll();
  if (subject !== undefined) query = query.where('subject', '=', subject);
  return query.orderBy('id', 'desc').limit(limit).execute();
}
