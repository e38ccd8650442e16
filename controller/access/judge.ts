import type { Hold, HoldKey } from '#controller/store';
import { FootmanError } from '#shared/errors';
import type { Visitor } from './contract.ts';

/** Why the hold lets nobody in at that time; undefined where it does. */
export function whyShut(hold: Hold | undefined, at: number): FootmanError | undefined {
  if (hold === undefined) return unknown();
  if (hold.state === 'released')
    return new FootmanError('conflict', `the hold ${hold.outcome ?? 'was released'}`);
  if (hold.state === 'expired') return new FootmanError('conflict', 'the hold has expired');
  if (hold.admitted === 0 || hold.expires_at === null)
    return new FootmanError('conflict', 'the hold has only just begun', { hint: 'try again in a moment' });
  return hold.expires_at <= at ? new FootmanError('conflict', 'the hold has expired') : undefined;
}

export type Judgement = { hold: Hold; refused: undefined } | { hold: undefined; refused: FootmanError };

/** Whether somebody who comes by one of these keys, or by a token, may be on the hold's node. */
export function judgement(
  hold: Hold | undefined,
  keys: readonly HoldKey[],
  { fingerprint }: Visitor,
  at: number,
): Judgement {
  const refused = whyShut(hold, at) ?? (fingerprint === null ? undefined : whyNot(keys, fingerprint));
  if (refused !== undefined || hold === undefined) return { hold: undefined, refused: refused ?? unknown() };
  return { hold, refused: undefined };
}

function whyNot(keys: readonly HoldKey[], fingerprint: string): FootmanError | undefined {
  const own = keys.filter((key) => key.fingerprint === fingerprint);
  if (own.some(isGood)) return undefined;
  return new FootmanError('forbidden', `the key ${own.length > 0 ? 'was revoked' : 'is none of this hold'}`);
}

export function isGood({ revoked_at: revokedAt }: HoldKey): boolean {
  return revokedAt === null;
}

function unknown(): FootmanError {
  return new FootmanError('not-found', 'there is no such hold');
}
