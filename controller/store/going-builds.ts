import type { Db } from './db.ts';

/** Ids of the builds that are being removed: a few at any time, by an index of their own. */
export function goingBuilds(db: Db) {
  return db.selectFrom('builds').select('builds.id').where('builds.deleting_at', 'is not', null);
}
