import { sql, type Insertable } from 'kysely';
import type { Db } from '../db.ts';
import { locksRows } from '../dialects/adapter.ts';
import type { Hold, HoldKey, HoldNotice, HoldState, HoldSession, UserKey } from '../schema.ts';
import { patchRow, swapState, type Patch } from '../swap-state.ts';
import type { HoldNoticeTable, HoldSessionTable, HoldTable } from '../tables/holds.ts';

export async function insertHold(db: Db, hold: Insertable<HoldTable>): Promise<void> {
  await db.insertInto('holds').values(hold).execute();
}

export function findHold(db: Db, id: string): Promise<Hold | undefined> {
  return db.selectFrom('holds').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The hold as it is now, for one transaction at a time: whoever ends or extends it waits for the others. */
export function lockHold(db: Db, id: string): Promise<Hold | undefined> {
  if (!locksRows(db)) return findHold(db, id);
  return db.selectFrom('holds').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
}

/** The hold that the node has or had: there is one in its life. */
export function holdOfNode(db: Db, nodeId: string): Promise<Hold | undefined> {
  return db.selectFrom('holds').selectAll().where('node_id', '=', nodeId).executeTakeFirst();
}

/** The hold whose machine the version is. By the index `holds_version`. */
export function holdOfVersion(db: Db, versionId: string): Promise<Hold | undefined> {
  return db
    .selectFrom('holds')
    .selectAll()
    .where('version_id', 'is not', null)
    .where('version_id', '=', versionId)
    .executeTakeFirst();
}

/** Oldest first. As many rows as nodes are held. */
export function liveHolds(db: Db): Promise<Hold[]> {
  return db
    .selectFrom('holds')
    .selectAll()
    .where('state', '=', sql.lit('held'))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export interface HoldFilter {
  owner?: string | undefined;
  jobId?: string | undefined;
  /** Only those that hold. */
  isLive: boolean;
  limit: number;
}

/** Newest first. */
export function listHolds(db: Db, { owner, jobId, isLive, limit }: HoldFilter): Promise<Hold[]> {
  let query = db.selectFrom('holds').selectAll();
  if (isLive) query = query.where('state', '=', sql.lit('held'));
  if (owner !== undefined) query = query.where('owner', '=', owner);
  if (jobId !== undefined) query = query.where('job_id', '=', jobId);
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
}

/** A transition as compare-and-swap; undefined means that it was ended before. */
export function swapHold(
  db: Db,
  id: string,
  to: HoldState,
  set: Patch<'holds'>,
  at: number,
): Promise<Hold | undefined> {
  return swapState(db, 'holds', id, ['held'], to, set, at);
}

/** Undefined when it holds no more. */
export function patchHold(db: Db, id: string, patch: Patch<'holds'>): Promise<Hold | undefined> {
  return patchRow(db, 'holds', id, ['held'], patch);
}

export async function insertHoldKey(db: Db, key: HoldKey): Promise<void> {
  await db.insertInto('hold_keys').values(key).execute();
}

/** In the order in which they came; revoked ones too. */
export function keysOfHold(db: Db, holdId: string): Promise<HoldKey[]> {
  return db.selectFrom('hold_keys').selectAll().where('hold_id', '=', holdId).orderBy('id').execute();
}

/** Undefined when there is no such key, or it was revoked before. */
export function patchHoldKey(
  db: Db,
  { id, holdId }: { id: string; holdId: string },
  patch: Partial<Pick<HoldKey, 'revoked_by' | 'revoked_at' | 'placed'>>,
): Promise<HoldKey | undefined> {
  return db
    .updateTable('hold_keys')
    .set(patch)
    .where('id', '=', id)
    .where('hold_id', '=', holdId)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** False where the owner has it already. */
export async function insertUserKey(db: Db, key: UserKey): Promise<boolean> {
  const row = await db
    .insertInto('user_keys')
    .values(key)
    .onConflict((conflict) => conflict.columns(['owner', 'fingerprint']).doNothing())
    .returning('fingerprint')
    .executeTakeFirst();
  return row !== undefined;
}

export function keysOfUser(db: Db, owner: string): Promise<UserKey[]> {
  return db
    .selectFrom('user_keys')
    .selectAll()
    .where('owner', '=', owner)
    .orderBy('added_at')
    .orderBy('fingerprint')
    .execute();
}

export function deleteUserKey(db: Db, owner: string, fingerprint: string): Promise<UserKey | undefined> {
  return db
    .deleteFrom('user_keys')
    .where('owner', '=', owner)
    .where('fingerprint', '=', fingerprint)
    .returningAll()
    .executeTakeFirst();
}

export async function insertSession(db: Db, session: Insertable<HoldSessionTable>): Promise<void> {
  await db.insertInto('hold_sessions').values(session).execute();
}

export async function endSession(
  db: Db,
  id: string,
  set: Pick<HoldSession, 'ended_at' | 'recorded'>,
): Promise<void> {
  await db.updateTable('hold_sessions').set(set).where('id', '=', id).where('ended_at', 'is', null).execute();
}

/** Its recording is gone. */
export async function forgetRecording(db: Db, sessionId: string): Promise<void> {
  await db.updateTable('hold_sessions').set({ recorded: null }).where('id', '=', sessionId).execute();
}

/** What a controller that died has left open. */
export async function endOpenSessions(db: Db, at: number): Promise<void> {
  await db.updateTable('hold_sessions').set({ ended_at: at }).where('ended_at', 'is', null).execute();
}

/** In the order in which they began. */
export function sessionsOfHold(db: Db, holdId: string): Promise<HoldSession[]> {
  return db.selectFrom('hold_sessions').selectAll().where('hold_id', '=', holdId).orderBy('id').execute();
}

export async function insertNotice(db: Db, notice: Insertable<HoldNoticeTable>): Promise<void> {
  await db.insertInto('hold_notices').values(notice).execute();
}

/** Those that somebody is still to be told, the most urgent first. */
export function openNotices(db: Db): Promise<HoldNotice[]> {
  return db
    .selectFrom('hold_notices')
    .selectAll()
    .where('due_at', 'is not', null)
    .orderBy('due_at')
    .orderBy('id')
    .execute();
}

export async function patchNotice(
  db: Db,
  id: string,
  patch: Partial<Pick<HoldNotice, 'attempts' | 'due_at' | 'problem'>>,
): Promise<void> {
  await db.updateTable('hold_notices').set(patch).where('id', '=', id).execute();
}
