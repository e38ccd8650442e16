import type { Kysely, Selectable, Updateable } from 'kysely';
import type { Db } from './db.ts';
import type { Database } from './schema.ts';

/** The tables whose rows have a life cycle. */
type Stateful =
  | 'builds'
  | 'jobs'
  | 'steps'
  | 'leases'
  | 'node_requests'
  | 'nodes'
  | 'artifacts'
  | 'deliveries'
  | 'image_versions'
  | 'holds';

type StateOf<T extends Stateful> = Database[T]['state'];

/** What may change along with a state, or without one. */
export type Patch<T extends Stateful> = Omit<Updateable<Database[T]>, 'id' | 'state' | 'state_since'>;

const HAVE_STATE_SINCE: ReadonlySet<Stateful> = new Set([
  'jobs',
  'node_requests',
  'nodes',
  'image_versions',
  'holds',
]);

/**
 * A transition as compare-and-swap: moves the row to `to` if it is in one of `from`, and returns it as it is then; undefined means that
 * somebody else was first. One statement, so that nobody can come between the look and the change; of several at once, on any number of
 * controllers, one wins. `at` becomes the row's `state_since`, from which the new state's timeout counts.
 *
 * It knows no life cycle: which transitions there are is the business of the folder that owns the noun.
 */
export async function swapState<T extends Stateful>(
  db: Db,
  table: T,
  id: string,
  from: readonly StateOf<T>[],
  to: StateOf<T>,
  set: Patch<T> | undefined,
  at: number,
): Promise<Selectable<Database[T]> | undefined> {
  const since = HAVE_STATE_SINCE.has(table) ? { state_since: at } : {};
  return guardedUpdate(db, table, id, from, { ...set, state: to, ...since });
}

/**
 * Changes a row without a transition, as long as it is in one of `states`; undefined means that it isn't, or is not there. For what a
 * state's owner notes down while the state lasts.
 */
export async function patchRow<T extends Stateful>(
  db: Db,
  table: T,
  id: string,
  states: readonly StateOf<T>[],
  patch: Patch<T>,
): Promise<Selectable<Database[T]> | undefined> {
  return guardedUpdate(db, table, id, states, patch);
}

interface AnyRow extends Record<string, unknown> {
  id: string;
  state: string;
}

async function guardedUpdate<T extends Stateful>(
  db: Db,
  table: T,
  id: string,
  states: readonly string[],
  set: Record<string, unknown>,
): Promise<Selectable<Database[T]> | undefined> {
  if (states.length === 0) return undefined;
  // The signatures above are exact; Kysely's types cannot follow a table that is a parameter.
  const anyTable = db as unknown as Kysely<Record<Stateful, AnyRow>>;
  const row = await anyTable
    .updateTable<Stateful>(table)
    .set(Object.keys(set).length === 0 ? { id } : set)
    .where('id', '=', id)
    .where('state', 'in', states)
    .returningAll()
    .executeTakeFirst();
  return row as Selectable<Database[T]> | undefined;
}
