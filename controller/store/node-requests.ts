import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { Decline, NewNodeRequest, NodeRequest, RequestState } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** More candidates than that are not worth a reader's time. */
const MAX_DECLINES = 50;

export async function insertRequest(db: Db, request: NewNodeRequest): Promise<void> {
  await db.insertInto('node_requests').values(request).execute();
}

export function findRequest(db: Db, id: string): Promise<NodeRequest | undefined> {
  return db.selectFrom('node_requests').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Those that still want a node, in the order of their jobs in the queue. What a loop looks at: as many rows as there is demand. */
export function openRequests(db: Db): Promise<NodeRequest[]> {
  return db
    .selectFrom('node_requests')
    .leftJoin('jobs', 'jobs.id', 'node_requests.job_id')
    .selectAll('node_requests')
    .where('node_requests.state', 'in', [
      sql.lit<RequestState>('requested'),
      sql.lit<RequestState>('pending'),
    ])
    .orderBy((order) => order.fn.coalesce('jobs.rank', 'node_requests.created_at'))
    .orderBy('node_requests.created_at')
    .orderBy('node_requests.id')
    .execute();
}

/** Oldest first, those of earlier attempts too. */
export function requestsOfJob(db: Db, jobId: string): Promise<NodeRequest[]> {
  return db
    .selectFrom('node_requests')
    .selectAll()
    .where('job_id', '=', jobId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/**
 * Adds a candidate's no in place of its earlier one, and keeps the newest fifty. The first update changes nothing: it locks the row, in
 * words that both databases know, so that of two who add at once neither loses its own.
 */
export function recordDecline(db: Db, id: string, decline: Decline): Promise<NodeRequest | undefined> {
  return inTransaction(db, async (db) => {
    const locked = await db
      .updateTable('node_requests')
      .set({ id })
      .where('id', '=', id)
      .returning('declines')
      .executeTakeFirst();
    if (locked === undefined) return undefined;
    const others = locked.declines.filter(
      (earlier) => earlier.cloud !== decline.cloud || earlier.template !== decline.template,
    );
    return db
      .updateTable('node_requests')
      .set({ declines: [...others, decline].slice(-MAX_DECLINES) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
  });
}
