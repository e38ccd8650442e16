import { sql } from 'kysely';
import type { Db } from './db.ts';
import { OWNER_COLUMNS, type OwnerColumns } from './owner-columns.ts';
import type { Decline, NewNodeRequest, NodeRequest, RequestState, WantedImages } from './schema.ts';
import { inTransaction } from './transaction.ts';

/** More candidates than that are not worth a reader's time. */
export const MAX_DECLINES = 50;

/** The partial index's own condition, as literals: SQLite draws no conclusions from parameters. */
const OPEN = [sql.lit<RequestState>('requested'), sql.lit<RequestState>('pending')];

export async function insertRequest(db: Db, request: NewNodeRequest): Promise<void> {
  await db.insertInto('node_requests').values(request).execute();
}

export function findRequest(db: Db, id: string): Promise<NodeRequest | undefined> {
  return db.selectFrom('node_requests').selectAll().where('id', '=', id).executeTakeFirst();
}

/** An open request, and its place in the queue. */
export interface OpenRequestRow extends OwnerColumns {
  id: string;
  job_id: string | null;
  cloud: string | null;
  template: string | null;
  runs_on: string;
  images: WantedImages | null;
  state: Extract<RequestState, 'requested' | 'pending'>;
  declines: Decline[];
  created_at: number;
  /** The job's; null where a pool asks, as the next two are. */
  priority: number | null;
  rank: number | null;
  queued_at: number | null;
}

/** Those that still want a node, oldest first. What a loop looks at: as many rows as there is demand. */
export function openRequestRows(db: Db): Promise<OpenRequestRow[]> {
  return db
    .selectFrom('node_requests')
    .leftJoin('jobs', 'jobs.id', 'node_requests.job_id')
    .leftJoin('builds', 'builds.id', 'jobs.build_id')
    .leftJoin('projects', 'projects.id', 'builds.project_id')
    .select([
      'node_requests.id',
      'node_requests.job_id',
      'node_requests.cloud',
      'node_requests.template',
      'node_requests.runs_on',
      'node_requests.images',
      'node_requests.state',
      'node_requests.declines',
      'node_requests.created_at',
      'jobs.priority',
      'jobs.rank',
      'jobs.queued_at',
      ...OWNER_COLUMNS,
    ])
    .where('node_requests.state', 'in', OPEN)
    .$narrowType<Pick<OpenRequestRow, 'state'>>()
    .orderBy('node_requests.created_at')
    .orderBy('node_requests.id')
    .execute();
}

/** Ids of the jobs that have an open request. */
export async function jobsWithRequests(db: Db): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('node_requests').select('job_id').where('state', 'in', OPEN).execute();
  // Not left to the database: SQLite would rather look for all that has a job, history included.
  return new Set(rows.flatMap(({ job_id: job }) => (job === null ? [] : [job])));
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
