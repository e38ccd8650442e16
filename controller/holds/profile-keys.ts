import type { Journal, Tx } from '#controller/events';
import {
  deleteUserKey,
  insertUserKey,
  keysOfHold,
  keysOfUser,
  liveHolds,
  patchHoldKey,
  type UserKey,
} from '#controller/store';
import { FootmanError } from '#shared/errors';
import { assertOwn, type Caller } from './caller.ts';
import { parsePublicKey } from './public-key.ts';
import { auditHold, note, recordHold } from './record.ts';

/** Fewer than one held node takes, so that the owner's own never keep others out. */
const MOST_KEYS = 16;

/**
 * Registers a public key for holds of its owner that begin from now on. One that is there already stays as it is.
 *
 * @throws FootmanError `request-invalid` for what is no key; `forbidden` for somebody else's profile; `conflict` where there are too many
 */
export async function registerKey(
  journal: Journal,
  owner: string,
  text: string,
  caller: Caller,
): Promise<UserKey> {
  assertOwn(caller, owner, 'that profile');
  const parsed = parsePublicKey(text);
  return journal.commit(async (tx) => {
    const known = await keysOfUser(tx.db, owner);
    const same = known.find(({ fingerprint }) => fingerprint === parsed.fingerprint);
    if (same !== undefined) return same;
    if (known.length >= MOST_KEYS)
      throw new FootmanError('conflict', `${owner} has ${MOST_KEYS} keys, and nobody may have more`, {
        hint: '`footman key ls` lists them, `footman key rm` removes one',
      });
    const row: UserKey = { owner, ...parsed, added_at: tx.at };
    await insertUserKey(tx.db, row);
    const { fingerprint } = row;
    await note(tx, { subject: owner, action: 'key.added', actor: caller.actor, data: { fingerprint } });
    return row;
  });
}

/**
 * Removes a key from a profile, and revokes it where the owner's nodes are held now: whoever removes one may have lost it.
 *
 * @throws FootmanError `not-found`; `forbidden` for somebody else's profile
 */
export async function removeKey(
  journal: Journal,
  owner: string,
  fingerprint: string,
  caller: Caller,
): Promise<UserKey> {
  assertOwn(caller, owner, 'that profile');
  return journal.commit(async (tx) => {
    const removed = await deleteUserKey(tx.db, owner, fingerprint);
    if (removed === undefined)
      throw new FootmanError('not-found', `${owner} has no key ${fingerprint}`, {
        hint: '`footman key ls` lists them',
      });
    await note(tx, { subject: owner, action: 'key.removed', actor: caller.actor, data: { fingerprint } });
    await revokeEverywhere(tx, removed, caller.actor);
    return removed;
  });
}

async function revokeEverywhere(tx: Tx, { owner, fingerprint }: UserKey, actor: string): Promise<void> {
  for (const hold of (await liveHolds(tx.db)).filter((one) => one.owner === owner)) {
    const keys = (await keysOfHold(tx.db, hold.id)).filter((key) => key.fingerprint === fingerprint);
    const set = { revoked_at: tx.at, revoked_by: actor };
    let isAny = false;
    for (const { id } of keys)
      isAny = (await patchHoldKey(tx.db, { id, holdId: hold.id }, set)) !== undefined || isAny;
    if (!isAny) continue;
    await auditHold(tx, hold, 'hold.key-revoked', actor, { fingerprint });
    await recordHold(tx, hold, { keys: true });
  }
}
