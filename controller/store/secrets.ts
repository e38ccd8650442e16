import { sql } from 'kysely';
import type { Db } from './db.ts';
import { getMeta, putMetaIfAbsent } from './meta.ts';
import type { NewSecret, Secret } from './schema.ts';

/** Puts the secret in the place of one of the same scope and name, if there is one; that one's id and age stay. */
export function putSecret(db: Db, secret: NewSecret): Promise<Secret> {
  return db
    .insertInto('secrets')
    .values(secret)
    .onConflict((conflict) =>
      conflict.columns(['scope', 'name']).doUpdateSet((row) => ({
        key_id: row.ref('excluded.key_id'),
        sealed: row.ref('excluded.sealed'),
        debug: row.ref('excluded.debug'),
        updated_at: row.ref('excluded.updated_at'),
      })),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** By scope, then by name. */
export function listSecrets(db: Db): Promise<Secret[]> {
  return db.selectFrom('secrets').selectAll().orderBy('scope').orderBy('name').execute();
}

/** Those with one of the names in one of the scopes. */
export function secretsIn(db: Db, scopes: readonly string[], names: readonly string[]): Promise<Secret[]> {
  if (scopes.length === 0 || names.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('secrets')
    .selectAll()
    .where('scope', 'in', scopes)
    .where('name', 'in', names)
    .execute();
}

/** Returns what there was. */
export function deleteSecret(db: Db, scope: string, name: string): Promise<Secret | undefined> {
  return db
    .deleteFrom('secrets')
    .where('scope', '=', scope)
    .where('name', '=', name)
    .returningAll()
    .executeTakeFirst();
}

/** Those that another key sealed, by id; the page after the one that ended with `after`. */
export function secretsOfOtherKeys(
  db: Db,
  keyId: string,
  { after, limit }: { after: string; limit: number },
): Promise<Secret[]> {
  return db
    .selectFrom('secrets')
    .selectAll()
    .where('key_id', '<>', keyId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Seals the row anew; false when it has changed since it was read: somebody set it, or it is gone. */
export async function resealSecret(
  db: Db,
  { id, sealed }: Pick<Secret, 'id' | 'sealed'>,
  anew: Pick<Secret, 'key_id' | 'sealed'>,
): Promise<boolean> {
  const row = await db
    .updateTable('secrets')
    .set(anew)
    .where('id', '=', id)
    .where('sealed', '=', sealed)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ids of all keys that some row is sealed with. */
export async function sealingKeys(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('secrets').select('key_id').distinct().execute();
  return rows.map(({ key_id: keyId }) => keyId);
}

const CURRENT_KEY = 'secrets-key';

/** The id of the key that new values are sealed with; undefined before the first secret. */
export function currentSecretsKey(db: Db): Promise<string | undefined> {
  return getMeta(db, CURRENT_KEY);
}

/** Makes the key the current one if there is none, and returns the one that is. */
export function firstSecretsKey(db: Db, keyId: string): Promise<string> {
  return putMetaIfAbsent(db, CURRENT_KEY, keyId);
}

/**
 * Whether the key is still the current one; then it stays so until the transaction ends. So no row is written with a key after a rotation
 * has seen the last one.
 */
export async function holdSecretsKey(db: Db, keyId: string): Promise<boolean> {
  const row = await db
    .updateTable('meta')
    .set({ value: sql`value` })
    .where('key', '=', CURRENT_KEY)
    .where('value', '=', keyId)
    .returning('key')
    .executeTakeFirst();
  return row !== undefined;
}

/** Makes `to` the current key if `from` still is it. Waits for those who hold that one. */
export async function changeSecretsKey(db: Db, from: string, to: string): Promise<boolean> {
  const row = await db
    .updateTable('meta')
    .set({ value: to })
    .where('key', '=', CURRENT_KEY)
    .where('value', '=', from)
    .returning('key')
    .executeTakeFirst();
  return row !== undefined;
}
