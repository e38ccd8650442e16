import type { Tx } from '#controller/events';
import { lockHold, type Hold } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { assertOwn, type Caller } from './caller.ts';

/**
 * The hold, for somebody who wants to change it; others wait for the end of the transaction.
 *
 * @throws FootmanError `not-found`; `forbidden` for somebody else's
 */
export async function findOwnHold(tx: Tx, id: string, caller: Caller): Promise<Hold> {
  const hold = await lockHold(tx.db, id);
  if (hold === undefined)
    throw new FootmanError('not-found', `there is no hold ${id}`, { hint: '`footman hold ls` lists them' });
  assertOwn(caller, hold.owner, `hold ${id}`);
  return hold;
}

/** The same for one whose node must still be held. @throws FootmanError as `findOwnHold`; `conflict` where it is over */
export async function findLiveHold(tx: Tx, id: string, caller: Caller): Promise<Hold> {
  const hold = await findOwnHold(tx, id, caller);
  if (hold.state !== 'held')
    throw new FootmanError('conflict', `hold ${id} is over: it ${hold.outcome ?? `was ${hold.state}`}`);
  return hold;
}
