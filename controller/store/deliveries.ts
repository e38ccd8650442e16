import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { Delivery, NewDelivery } from './schema.ts';
import { patchRow, type Patch } from './swap-state.ts';

/** In one statement, so that of two that come at once one is taken. Undefined where its id or its body has been here before. */
export function insertDelivery(db: Db, delivery: NewDelivery): Promise<Delivery | undefined> {
  return db
    .insertInto('deliveries')
    .values(delivery)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Takes a delivery with this body again, if it came to nothing; undefined where there is none, or it did not fail. */
export function reviveDelivery(
  db: Db,
  projectId: string,
  { digest, payload }: Pick<Delivery, 'digest' | 'payload'>,
  at: number,
): Promise<Delivery | undefined> {
  return db
    .updateTable('deliveries')
    .set({ state: 'received', payload, reason: null, attempts: 0, due_at: at, processed_at: null })
    .where('project_id', '=', projectId)
    .where('state', '=', 'failed')
    .where('digest', '=', digest)
    .returningAll()
    .executeTakeFirst();
}

/** Notes down what a try has shown; undefined where the delivery has ended. */
export function patchDelivery(db: Db, id: string, patch: Patch<'deliveries'>): Promise<Delivery | undefined> {
  return patchRow(db, 'deliveries', id, ['received'], patch);
}

/** Projects that have something due. */
export async function projectsWithDueDeliveries(db: Db, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select('project_id')
    .distinct()
    // Literal, as the partial index has it.
    .where('state', '=', sql.lit('received'))
    .where('due_at', '<=', now)
    .execute();
  return rows.map((row) => row.project_id);
}

/** The project's oldest one that is due. */
export function nextDelivery(db: Db, projectId: string, now: number): Promise<Delivery | undefined> {
  return db
    .selectFrom('deliveries')
    .selectAll()
    .where('state', '=', sql.lit('received'))
    .where('due_at', '<=', now)
    .where('project_id', '=', projectId)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

/** When the next one is due that is not yet; null when none waits. */
export async function nextDeliveryDue(db: Db, now: number): Promise<number | null> {
  const row = await db
    .selectFrom('deliveries')
    .select((select) => select.fn.min('due_at').as('due_at'))
    .where('state', '=', sql.lit('received'))
    .where('due_at', '>', now)
    .executeTakeFirst();
  return row?.due_at ?? null;
}

export interface DeliveryPage {
  limit: number;
  /** Only older ones than this id. */
  before?: string | undefined;
}

/** Newest first, without their bodies, which may be large. Ids sort by the time of their making. */
export function deliveriesOfProject(
  db: Db,
  projectId: string,
  { limit, before }: DeliveryPage,
): Promise<Omit<Delivery, 'payload'>[]> {
  let query = db
    .selectFrom('deliveries')
    .select([
      'id',
      'project_id',
      'delivery',
      'digest',
      'event',
      'state',
      'reason',
      'attempts',
      'due_at',
      'received_at',
      'processed_at',
    ])
    .where('project_id', '=', projectId);
  if (before !== undefined) query = query.where('id', '<', before);
  return query.orderBy('id', 'desc').limit(limit).execute();
}
