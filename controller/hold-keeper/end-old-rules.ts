import type { Journal } from '#controller/events';
import { endAutohold, standingAutoholds, type Db } from '#controller/store';

/** Ends standing rules whose time is up. Returns when that of the next one is. */
export async function endOldRules(journal: Journal, db: Db, now: number): Promise<number | null> {
  let next: number | null = null;
  for (const { id, expires_at: end } of await standingAutoholds(db)) {
    if (end > now) next = Math.min(next ?? end, end);
    else
      await journal.commit(async (tx) => {
        const ended = await endAutohold(tx.db, id, tx.at);
        if (ended === undefined) return;
        await tx.record({ kind: 'autohold', data: { id, state: 'ended', remaining: ended.remaining } });
      });
  }
  return next;
}
