import type { Journal } from '#controller/events';
import { keysOfHold, patchHoldKey, type HoldKey } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Caller } from './caller.ts';
import { findLiveHold, findOwnHold } from './find-own.ts';
import { addKey, checkKeys, keysIn } from './grant-keys.ts';
import { auditHold, recordHold } from './record.ts';

/** What useradd takes by default. What begins with a dash would be an option, and a slash a path. */
const LOGIN = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Whom to let in. */
export interface KeyRequest {
  /** A public key as a line of OpenSSH, or `@name` for those of a profile. */
  key: string;
  /** The account whose authorized_keys it is put into; null for the agent's own. */
  login: string | null;
}

/**
 * Lets somebody into a held node. A key that is in already, for the same account, stays as it is.
 *
 * @throws FootmanError `not-found`, `forbidden`; `conflict` for a hold that is over, or has as many keys as it may; `request-invalid` for what
 * is no key, or a name that no account has
 */
export async function addHoldKey(
  journal: Journal,
  id: string,
  { key: entry, login }: KeyRequest,
  caller: Caller,
): Promise<HoldKey[]> {
  if (login !== null && !LOGIN.test(login))
    throw new FootmanError(
      'request-invalid',
      `${JSON.stringify(login.slice(0, 40))} is no name of an account`,
      {
        hint: 'up to 32 of a-z, 0-9, _ and -, not beginning with a digit or a dash',
      },
    );
  return journal.commit(async (tx) => {
    const hold = await findLiveHold(tx, id, caller);
    await checkKeys(tx, [entry], null);
    const added: HoldKey[] = [];
    for (const key of await keysIn(tx, entry)) {
      const row = await addKey(tx, hold, { key, login, actor: caller.actor });
      if (row === null)
        throw new FootmanError('conflict', `hold ${id} has as many keys as it may`, {
          hint: `footman hold revoke-key ${id} KEY makes room`,
        });
      added.push(row);
    }
    return added;
  });
}

/**
 * Whoever comes with the key is not let in any more, and who is in with it is cut off. One that was revoked before stays as it is.
 *
 * @throws FootmanError `not-found`, `forbidden`
 */
export function revokeHoldKey(
  journal: Journal,
  holdId: string,
  id: string,
  caller: Caller,
): Promise<HoldKey> {
  return journal.commit(async (tx) => {
    const hold = await findOwnHold(tx, holdId, caller);
    const set = { revoked_at: tx.at, revoked_by: caller.actor };
    const revoked = await patchHoldKey(tx.db, { id, holdId }, set);
    if (revoked === undefined) {
      const known = (await keysOfHold(tx.db, holdId)).find((key) => key.id === id);
      if (known === undefined) throw new FootmanError('not-found', `hold ${holdId} has no key ${id}`);
      return known;
    }
    const { fingerprint, login } = revoked;
    await auditHold(tx, hold, 'hold.key-revoked', caller.actor, { fingerprint, login });
    await recordHold(tx, hold, { keys: true });
    return revoked;
  });
}
