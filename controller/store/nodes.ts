import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { NewNode, Node, NodeState } from './schema.ts';
import { patchRow, type Patch } from './swap-state.ts';

export async function insertNode(db: Db, node: NewNode): Promise<void> {
  await db.insertInto('nodes').values(node).execute();
}

export function findNode(db: Db, id: string): Promise<Node | undefined> {
  return db.selectFrom('nodes').selectAll().where('id', '=', id).executeTakeFirst();
}

/** All that the clouds may still hold something of, oldest first. */
export function liveNodes(db: Db): Promise<Node[]> {
  return live(db).orderBy('created_at').orderBy('id').execute();
}

/** Those that a job may get, the one that has waited longest first. */
export function readyNodes(db: Db): Promise<Node[]> {
  return live(db).where('state', '=', 'ready').orderBy('ready_at').orderBy('id').execute();
}

/** Longest in its state first. Without `deleted` among the states it costs as much as there are live nodes. */
export async function nodesInStates(db: Db, states: readonly NodeState[]): Promise<Node[]> {
  if (states.length === 0) return [];
  const nodes = states.includes('deleted') ? db.selectFrom('nodes').selectAll() : live(db);
  return nodes.where('state', 'in', states).orderBy('state_since').orderBy('id').execute();
}

/** For people: those that are gone too, newest first. Ids sort by the time of their making. */
export function recentNodes(db: Db, limit: number): Promise<Node[]> {
  return db.selectFrom('nodes').selectAll().orderBy('id', 'desc').limit(limit).execute();
}

const TOLD = [
  'failure',
  'reason',
  'state_since',
  'created_at',
  'ready_at',
  'stopped_at',
  'version_id',
  'pinned',
] as const;

/** What became of a launch. */
export type LaunchedNode = Pick<Node, (typeof TOLD)[number]>;

/** How many more rows are looked at than asked for, at most: most nodes tell something. */
const LOOKED_AT = 10;

/**
 * The newest nodes of a template that say something about it, newest first: they became ready, or failed for a reason that counts. Takes
 * the index `nodes_of_template` from its end, and so far only as to stay cheap where nearly all were refused for want of room.
 */
export function recentLaunches(
  db: Db,
  cloud: string,
  template: string,
  limit: number,
): Promise<LaunchedNode[]> {
  const newest = db
    .selectFrom('nodes')
    .select(['id', ...TOLD])
    .where('cloud', '=', cloud)
    .where('template', '=', template)
    .orderBy('id', 'desc')
    .limit(limit * LOOKED_AT);
  return db
    .selectFrom(newest.as('newest'))
    .select(TOLD)
    .where((is) => is.or([is('ready_at', 'is not', null), is('failure', '<>', 'aborted')]))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** When the newest nodes were intended, and in which clouds; newest first. What launch rates go on from after a start. */
export function newestNodes(db: Db, limit: number): Promise<Pick<Node, 'cloud' | 'created_at'>[]> {
  return db.selectFrom('nodes').select(['cloud', 'created_at']).orderBy('id', 'desc').limit(limit).execute();
}

export interface TemplateCount {
  cloud: string;
  template: string;
  state: NodeState;
  count: number;
}

/** What counts against quotas: a node does until its cloud has confirmed that it is gone. */
export function countLiveByTemplate(db: Db): Promise<TemplateCount[]> {
  return (
    db
      .selectFrom('nodes')
      .select(['cloud', 'template', 'state'])
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('state', '<>', sql.lit('deleted'))
      // True of all; without it SQLite would rather walk through the history in the order of the groups.
      .where('state', '>', sql<NodeState>`''`)
      .groupBy(['cloud', 'template', 'state'])
      .orderBy('cloud')
      .orderBy('template')
      .orderBy('state')
      .execute()
  );
}

/** Changes that are no transition, while the node is in one of the states; else undefined. */
export function patchNode(
  db: Db,
  id: string,
  inStates: readonly NodeState[],
  patch: Patch<'nodes'>,
): Promise<Node | undefined> {
  return patchRow(db, 'nodes', id, inStates, patch);
}

/** Makes tokens of earlier connections stale, and returns the epoch of the new one; undefined when the node is in none of the states. */
export async function bumpSessionEpoch(
  db: Db,
  id: string,
  expectedStates: readonly NodeState[],
): Promise<number | undefined> {
  if (expectedStates.length === 0) return undefined;
  const row = await db
    .updateTable('nodes')
    .set({ session_epoch: sql`session_epoch + 1` })
    .where('id', '=', id)
    .where('state', 'in', expectedStates)
    .returning('session_epoch')
    .executeTakeFirst();
  return row?.session_epoch;
}

/** A bootstrap token opens one session ever: of two who bring it, one gets true. */
export async function useBootstrap(db: Db, id: string, at: number): Promise<boolean> {
  const row = await db
    .updateTable('nodes')
    .set({ bootstrap_used_at: at })
    .where('id', '=', id)
    .where('bootstrap_used_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** The connection of that epoch has closed; a newer one is none of its business. */
export function disconnectNode(db: Db, id: string, epoch: number, at: number): Promise<Node | undefined> {
  return db
    .updateTable('nodes')
    .set({ disconnected_at: at })
    .where('id', '=', id)
    .where('session_epoch', '=', epoch)
    .returningAll()
    .executeTakeFirst();
}

/** After a start nobody is connected: from now on agents have their time to come back. */
export async function disconnectAll(db: Db, at: number): Promise<void> {
  await db
    .updateTable('nodes')
    .set({ disconnected_at: at })
    .where('state', '<>', sql.lit('deleted'))
    .where('session_epoch', '>', 0)
    .where('disconnected_at', 'is', null)
    .execute();
}

/** The partial index's own condition, as a literal: with a parameter, SQLite would plan the statement anew at every call. */
function live(db: Db) {
  return db.selectFrom('nodes').selectAll().where('state', '<>', sql.lit('deleted'));
}
