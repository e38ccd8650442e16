import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { CacheEntry } from './schema.ts';

/** Where and in what form an entry is looked for. */
export interface CachePlace {
  /** The first is the nearest. */
  scopes: readonly string[];
  version: string;
}

/** `used_at` of an entry that is being removed: it is not found any more. */
const REMOVED = 0;

/** False when the key is taken; then nothing changes. */
export async function insertCache(db: Db, entry: CacheEntry): Promise<boolean> {
  const result = await db
    .insertInto('caches')
    .values(entry)
    .onConflict((conflict) => conflict.columns(['scope', 'version', 'key']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Every entry with the key, one for each scope at most. By the unique index. */
export function cachesWithKey(db: Db, { scopes, version }: CachePlace, key: string): Promise<CacheEntry[]> {
  return db
    .selectFrom('caches')
    .selectAll()
    .where('scope', 'in', scopes)
    .where('version', '=', version)
    .where('key', '=', key)
    .where('used_at', '>', REMOVED)
    .execute();
}

/** The newest entry of any of the scopes whose key begins so; by the index `caches_newest`. Not by LIKE: a key may hold its wildcards. */
export function newestCache(
  db: Db,
  { scopes, version }: CachePlace,
  prefix: string,
): Promise<CacheEntry | undefined> {
  return db
    .selectFrom('caches')
    .selectAll()
    .where('scope', 'in', scopes)
    .where('version', '=', version)
    .where('used_at', '>', REMOVED)
    .where(sql<string>`substr(key, 1, length(cast(${prefix} as text)))`, '=', prefix)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The entry with the key in its own scope, whether it is being removed or not. */
export function findCache(
  db: Db,
  scope: string,
  version: string,
  key: string,
): Promise<CacheEntry | undefined> {
  return db
    .selectFrom('caches')
    .selectAll()
    .where('scope', '=', scope)
    .where('version', '=', version)
    .where('key', '=', key)
    .executeTakeFirst();
}

/** False when it is being removed, or gone. */
export async function touchCache(db: Db, id: string, now: number): Promise<boolean> {
  const result = await db
    .updateTable('caches')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', '>', REMOVED)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Takes an entry out of sight, before its file goes; false when somebody has used it since. */
export async function retireCache(db: Db, { id, used_at }: CacheEntry): Promise<boolean> {
  const result = await db
    .updateTable('caches')
    .set({ used_at: REMOVED })
    .where('id', '=', id)
    .where('used_at', '=', used_at)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteCache(db: Db, id: string): Promise<void> {
  await db.deleteFrom('caches').where('id', '=', id).execute();
}

/** The least recently used first, those that are being removed before all; by the index `caches_unused`. */
export function leastUsedCaches(db: Db, limit: number): Promise<CacheEntry[]> {
  return db.selectFrom('caches').selectAll().orderBy('used_at').orderBy('id').limit(limit).execute();
}

/** Bytes of all entries together. */
export async function totalCacheBytes(db: Db): Promise<number> {
  const row = await db
    .selectFrom('caches')
    .select((select) =>
      select.fn.coalesce(select.fn.sum<string | number>('bytes'), sql<number>`0`).as('total'),
    )
    .executeTakeFirst();
  return Number(row?.total ?? 0);
}
