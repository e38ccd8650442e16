import type { Db } from './db.ts';
import type { Cordon } from './schema.ts';

/** All that stand, by their targets. */
export function cordonsOf(db: Db): Promise<Cordon[]> {
  return db.selectFrom('cordons').selectAll().orderBy('target').execute();
}

/** Puts the cordon in the place of the target's own, if it has one. */
export async function putCordon(db: Db, cordon: Cordon): Promise<void> {
  const { reason, actor, at } = cordon;
  await db
    .insertInto('cordons')
    .values(cordon)
    .onConflict((conflict) => conflict.column('target').doUpdateSet({ reason, actor, at }))
    .execute();
}

/** Returns the cordon that stood, or undefined when there was none. */
export function deleteCordon(db: Db, target: string): Promise<Cordon | undefined> {
  return db.deleteFrom('cordons').where('target', '=', target).returningAll().executeTakeFirst();
}
