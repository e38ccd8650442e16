import type { Tx } from '#controller/events';
import { insertHoldKey, keysOfHold, keysOfUser, newId, type Hold, type HoldKey } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { MAX_HOLD_KEYS } from '#shared/protocol';
import { parsePublicKey, type PublicKey } from './public-key.ts';
import { auditHold, recordHold } from './record.ts';

/** What stands before a name in a list of keys: all keys of that profile. */
const PROFILE = '@';

/**
 * Lets in the owner's own keys, and those that the wish names. What is no key, or one too many, is left out, and the audit says so: the job
 * under it has ended, whatever stands in its pipeline.
 */
export async function grantKeys(tx: Tx, hold: Hold, wanted: readonly string[]): Promise<void> {
  for (const entry of new Set([`${PROFILE}${hold.owner}`, ...wanted])) {
    const problem = await grant(tx, hold, entry);
    if (problem !== null) await auditHold(tx, hold, 'hold.key-refused', hold.owner, { problem });
  }
}

async function grant(tx: Tx, hold: Hold, entry: string): Promise<string | null> {
  try {
    for (const key of await keysIn(tx, entry))
      if ((await addKey(tx, hold, { key, login: null, actor: hold.owner })) === null) return 'too many keys';
    return null;
  } catch (error) {
    if (error instanceof FootmanError && error.code === 'request-invalid') return error.message;
    throw error;
  }
}

/** The key that the entry is, or those of the profile that it names. @throws FootmanError `request-invalid` */
export async function keysIn({ db }: Tx, entry: string): Promise<PublicKey[]> {
  return entry.startsWith(PROFILE) ? keysOfUser(db, entry.slice(PROFILE.length)) : [parsePublicKey(entry)];
}

/**
 * Whether all of them are keys. The owner's own profile may be empty, another one not: its name may be mistyped.
 *
 * @throws FootmanError `request-invalid`
 */
export async function checkKeys(tx: Tx, entries: readonly string[], owner: string | null): Promise<void> {
  if (entries.length > MAX_HOLD_KEYS)
    throw new FootmanError(
      'request-invalid',
      `${entries.length} keys are too many: ${MAX_HOLD_KEYS} are the most`,
    );
  for (const entry of entries) {
    if (entry === `${PROFILE}${owner}` || (await keysIn(tx, entry)).length > 0) continue;
    const name = JSON.stringify(entry.slice(PROFILE.length, 100));
    throw new FootmanError('request-invalid', `${name} has no keys in their profile`, {
      hint: 'they can register one: footman key add FILE',
    });
  }
}

/** A key for a hold, and who lets it in. */
interface NewHoldKey {
  key: PublicKey;
  /** The account whose authorized_keys it is put into; null for the agent's own. */
  login: string | null;
  actor: string;
}

/** Lets the key in; one that is in already, for the same account, stays as it is. Null where there are too many. */
export async function addKey(
  tx: Tx,
  hold: Hold,
  { key: { key, fingerprint, comment }, login, actor }: NewHoldKey,
): Promise<HoldKey | null> {
  const standing = (await keysOfHold(tx.db, hold.id)).filter((one) => one.revoked_at === null);
  const known = standing.find((one) => one.fingerprint === fingerprint && one.login === login);
  if (known !== undefined) return known;
  if (standing.length >= MAX_HOLD_KEYS) return null;
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
