import type { Insertable } from 'kysely';
import type { Db } from './db.ts';
import type { Host, HostState, Node } from './schema.ts';
import type { HostTable } from './tables/nodes.ts';

/** What a host is known by. */
export type HostId = Pick<Host, 'cloud' | 'name'>;

/** All of all clouds: as many as there are machines. */
export function listHosts(db: Db): Promise<Host[]> {
  return db.selectFrom('hosts').selectAll().orderBy('cloud').orderBy('name').execute();
}

/** Those that may serve a node, the one that failed least, then the one that has rested longest first. */
export function hostsFree(db: Db): Promise<HostId[]> {
  return db
    .selectFrom('hosts')
    .select(['cloud', 'name'])
    .where('state', '=', 'free')
    .orderBy('failures')
    .orderBy('state_since')
    .orderBy('name')
    .execute();
}

/** A host whose node is gone, and what became of that node; null when there is no row of it. */
export interface LeftHost {
  host: Host;
  node: Pick<Node, 'failure' | 'reason' | 'ready_at'> | null;
}

/** Busy hosts whose node is no more: its cloud has confirmed that, or nobody knows it. */
export async function hostsLeft(db: Db): Promise<LeftHost[]> {
  const rows = await db
    .selectFrom('hosts')
    .leftJoin('nodes', 'nodes.id', 'hosts.node_id')
    .selectAll('hosts')
    .select([
      'nodes.id as last_id',
      'nodes.failure as last_failure',
      'nodes.reason as last_reason',
      'nodes.ready_at as last_ready_at',
    ])
    .where('hosts.state', '=', 'busy')
    .where((is) => is.or([is('nodes.id', 'is', null), is('nodes.state', '=', 'deleted')]))
    .orderBy('hosts.cloud')
    .orderBy('hosts.name')
    .execute();
  return rows.map(
    ({ last_id: id, last_failure: failure, last_reason: reason, last_ready_at: readyAt, ...host }) => ({
      host,
      node: id === null ? null : { failure, reason, ready_at: readyAt },
    }),
  );
}

/** False if it is there already. */
export async function insertHost(db: Db, host: Insertable<HostTable>): Promise<boolean> {
  const row = await db
    .insertInto('hosts')
    .values(host)
    .onConflict((conflict) => conflict.columns(['cloud', 'name']).doNothing())
    .returning('name')
    .executeTakeFirst();
  return row !== undefined;
}

/** As one knows a host: whoever changes it says so, and changes nothing if it is otherwise by now. */
export interface KnownHost extends HostId {
  state: HostState;
  /** Since when, where that matters: a host may have come back to the same state. */
  state_since?: number;
}

/** A transition as compare-and-swap; undefined means that somebody else was first. */
export function swapHost(
  db: Db,
  known: KnownHost,
  to: HostState,
  set: Partial<Pick<Host, 'node_id' | 'reason' | 'failures' | 'due_at'>>,
  at: number,
): Promise<Host | undefined> {
  return db
    .updateTable('hosts')
    .set({ ...set, state: to, state_since: at })
    .where((is) => is.and(asKnown(known)))
    .returningAll()
    .executeTakeFirst();
}

/** One that is not configured any more, unless it is otherwise by now. */
export async function deleteHost(db: Db, known: KnownHost): Promise<void> {
  await db
    .deleteFrom('hosts')
    .where((is) => is.and(asKnown(known)))
    .execute();
}

function asKnown({ cloud, name, state, state_since: since }: KnownHost) {
  return { cloud, name, state, ...(since === undefined ? {} : { state_since: since }) };
}
