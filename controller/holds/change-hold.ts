import type { Journal } from '#controller/events';
import { patchHold, type Hold } from '#controller/store';
import { FootmanError } from '#shared/errors';
import { formatDuration } from '#shared/quantity';
import type { Caller } from './caller.ts';
import { findLiveHold, findOwnHold } from './find-own.ts';
import { endHold } from './life-cycle.ts';
import { auditHold, recordHold } from './record.ts';

/**
 * Has the hold last so long from now on, but never less than it would, nor longer than the most that it was given.
 *
 * @throws FootmanError `not-found`, `forbidden`; `conflict` for one that is over, or lasts as long as it may
 */
export function extendHold(journal: Journal, id: string, forMs: number, caller: Caller): Promise<Hold> {
  return journal.commit(async (tx) => {
    const hold = await findLiveHold(tx, id, caller);
    const { expires_at: before, latest_at: latest } = hold;
    if (before === null || latest === null)
      throw new FootmanError('conflict', `hold ${id} has only just begun: try again in a moment`);
    if (before >= latest)
      throw new FootmanError(
        'conflict',
        `hold ${id} lasts as long as it may: ${formatDuration(latest - hold.created_at)}`,
        {
          hint: `footman hold snapshot ${id} keeps its machine as an image that you can start again`,
        },
      );
    const expiresAt = Math.max(before, Math.min(tx.at + forMs, latest));
    if (expiresAt === before) return hold;
    const extended = (await patchHold(tx.db, id, { expires_at: expiresAt })) ?? hold;
    await recordHold(tx, extended);
    await auditHold(tx, extended, 'hold.extended', caller.actor, { expiresAt });
    return extended;
  });
}

/** Gives the node back. One that is over stays as it is. @throws FootmanError `not-found`, `forbidden` */
export function releaseHold(journal: Journal, id: string, caller: Caller): Promise<Hold> {
  return journal.commit(async (tx) => {
    const hold = await findOwnHold(tx, id, caller);
    const { actor } = caller;
    return (await endHold(tx, id, { state: 'released', outcome: `was released by ${actor}`, actor })) ?? hold;
  });
}
