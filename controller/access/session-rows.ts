import type { Tx } from '#controller/events';
import { auditHold } from '#controller/holds';
import { insertSession, patchHold, type Hold } from '#controller/store';
import type { ChannelUse } from '#shared/protocol';
import type { Visitor } from './contract.ts';

export interface NewSession {
  id: string;
  kind: ChannelUse['kind'];
  who: Visitor;
  peer: string | null;
  detail: string | null;
}

/** Notes that somebody is on the hold's node from now on. */
export async function noteSession(
  tx: Tx,
  hold: Hold,
  { id, kind, who, peer, detail }: NewSession,
): Promise<void> {
  const { name } = who;
  await insertSession(tx.db, {
    id,
    hold_id: hold.id,
    kind,
    who: name,
    peer,
    detail,
    started_at: tx.at,
    ended_at: null,
    recorded: null,
  });
  await patchHold(tx.db, hold.id, { used_at: tx.at });
  // Everybody reads the audit log: what was done there is for those who read the hold's sessions.
  await auditHold(tx, hold, 'hold.session', name, { session: id, kind, peer });
}
