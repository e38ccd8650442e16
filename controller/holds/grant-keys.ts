import type { Tx } from '#controller/events';
import { insertHoldKey, keysOfHold, keysOfUser, newId, type Hold, type HoldKey } from '#controller/store';
import { parsePublicKey, type PublicKey } from './public-key.ts';
import { auditHold, recordHold } from './record.ts';

/** What stands before a name in a list of keys: all keys of that profile. */
export const PROFILE = '@';

/** Lets in the owner's own keys, and those that the wish names: its lines were checked when it was made. */
export async function grantKeys(tx: Tx, hold: Hold, wanted: readonly string[]): Promise<void> {
  for (const entry of new Set([`${PROFILE}${hold.owner}`, ...wanted])) {
    const keys = entry.startsWith(PROFILE)
      ? await keysOfUser(tx.db, entry.slice(PROFILE.length))
      : [parsePublicKey(entry)];
    for (const key of keys) await addKey(tx, hold, { key, login: null, actor: hold.owner });
  }
}

/** A key for a hold, and who lets it in. */
export interface NewHoldKey {
  key: PublicKey;
  /** The account whose authorized_keys it is put into; null for the agent's own. */
  login: string | null;
  actor: string;
}

/** Lets the key in; one that is in already, for the same account, stays as it is. */
export async function addKey(
  tx: Tx,
  hold: Hold,
  { key: { key, fingerprint, comment }, login, actor }: NewHoldKey,
): Promise<HoldKey> {
  const known = (await keysOfHold(tx.db, hold.id)).find(
    (one) => one.fingerprint === fingerprint && one.login === login && one.revoked_at === null,
  );
  if (known !== undefined) return known;
  const row: HoldKey = {
    id: newId(),
    hold_id: hold.id,
    fingerprint,
    key,
    comment,
    login,
    added_by: actor,
    added_at: tx.at,
    revoked_by: null,
    revoked_at: null,
    placed: null,
  };
  await insertHoldKey(tx.db, row);
  await auditHold(tx, hold, 'hold.key-added', actor, { fingerprint, login });
  await recordHold(tx, hold, { keys: true });
  return row;
}
