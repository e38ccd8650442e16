import { inChunks } from './chunks.ts';
import type { Db } from './db.ts';
import type { Event, NewEvent } from './schema.ts';

/**
 * Writes what has happened, in its order, in the transaction that makes it happen. On PostgreSQL it takes a lock until that transaction ends (see the
 * migration), so it comes after the other statements: the lock is then short, and taken last by everybody, which can't deadlock.
 */
export function appendEvents(db: Db, events: readonly NewEvent[]): Promise<void> {
  return inChunks(events, (chunk) => db.insertInto('events').values(chunk).execute());
}

export interface EventPage {
  limit: number;
  buildId?: string | undefined;
}

/** In the order of commits. A reader that goes on from the last `seq` that it saw misses none. */
export function eventsAfter(db: Db, seq: number, { limit, buildId }: EventPage): Promise<Event[]> {
  let query = db.selectFrom('events').selectAll().where('seq', '>', seq);
  if (buildId !== undefined) query = query.where('build_id', '=', buildId);
  return query.orderBy('seq').limit(limit).execute();
}

/** The newest event's; 0 when there never was one. Where a reader starts who wants only what is to come. */
export async function lastSeq(db: Db): Promise<number> {
  const row = await db
    .selectFrom('events')
    .select((select) => select.fn.max('seq').as('seq'))
    .executeTakeFirstOrThrow();
  return row.seq ?? 0;
}

/** Removes events before `beforeSeq`, but never the newest: `lastSeq` must not go back. Returns how many went. */
export async function pruneEvents(db: Db, beforeSeq: number): Promise<number> {
  const result = await db
    .deleteFrom('events')
    .where('seq', '<', beforeSeq)
    .where('seq', '<', (select) =>
      select.selectFrom('events').select((newest) => newest.fn.max('seq').as('seq')),
    )
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
